import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../../../controller/base/index.ts';
import { activeDownIntervalMs } from '../../../../controller/vip/election/timing.ts';
import { routerSpec, SimulatedNetwork, type SimulatedNode } from './simulated-network.ts';

const runs = 2000;
const eventsPerRun = 8;
const interval = 1000;
/** Clocks run fast or slow by as much: more than any crystal, so that the bounds are not luck. */
const clockSkew = 0.03;

/** Silence may last as long as the lowest Backup waits, plus one skew and the network's delay. */
const maxSilenceMs = (activeDownIntervalMs(3, 1, interval) + interval) * (1 + clockSkew) + 20;
/** Two may last until one hears the next advert of the other. */
const maxDoubleMs = interval * (1 + clockSkew) + 20;

/** Watches the invariants in every part of the network that is whole. */
class Referee {
  readonly #network: SimulatedNetwork;
  readonly #since = new Map<string, number>();
  #calmSinceMs = 0;

  constructor(network: SimulatedNetwork) {
    this.#network = network;
  }

  /** Something happened from outside: bounds count from here. */
  disturbed(): void {
    this.#calmSinceMs = this.#network.nowMs;
  }

  /** What is wrong now. */
  fault(): string | undefined {
    const { nodes, nowMs, loss } = this.#network;
    if (loss > 0) return undefined;
    const awake = nodes.filter(({ speaker, frozen }) => speaker && !frozen);
    for (const [part, members] of Map.groupBy(awake, (node) => node.part)) {
      const active = members.filter((node) => this.#network.isActive(node));
      const lasted = (what: string, holds: boolean): number => {
        const key = `${part} ${what}`;
        if (!holds) this.#since.delete(key);
        else if (!this.#since.has(key)) this.#since.set(key, nowMs);
        const since = Math.max(this.#since.get(key) ?? nowMs, this.#calmSinceMs);
        return nowMs - since;
      };
      if (lasted('none', active.length === 0) > maxSilenceMs) return 'nobody is Active';
      if (lasted('two', active.length > 1) > maxDoubleMs) return 'two are Active';
    }
    return undefined;
  }
}

test(`${runs} runs of up to five routers: one Active, never two for long`, () => {
  const failures: string[] = [];
  for (let seed = 1; seed <= runs && failures.length < 5; seed += 1) {
    const fault = playOut(seed);
    if (fault !== undefined) failures.push(`seed ${seed}: ${fault}`);
  }
  deepEqual(failures, []);
});

function playOut(seed: number): string | undefined {
  const random = seededRandom(seed);
  const pick = (below: number): number => Math.floor(random() * below);
  const network = new SimulatedNetwork(random);
  const referee = new Referee(network);
  let fault: string | undefined;
  const log: string[] = [];
  const observe = (): void => {
    fault ??= referee.fault();
  };
  const preempt = random() < 0.7;
  const count = 2 + pick(4);
  for (let host = 1; host <= count; host += 1) {
    // Few priorities, so that ties are common; at times an owner.
    const priority = random() < 0.1 ? 255 : 50 * (1 + pick(4));
    const rate = 1 + clockSkew * (2 * random() - 1);
    network.start(network.add(host, routerSpec({ priority, preempt }), rate));
  }
  for (let event = 0; event < eventsPerRun; event += 1) {
    network.run(network.nowMs + 500 + random() * 8000, observe);
    const node = network.nodes[pick(count)];
    if (node) log.push(disturb(network, node, pick(7), random()));
    referee.disturbed();
    observe();
  }
  network.run(network.nowMs + maxSilenceMs + 2 * maxDoubleMs, observe);
  return fault && `${fault} after ${log.join(', ')}`;
}

function disturb(
  network: SimulatedNetwork,
  node: SimulatedNode,
  what: number,
  chance: number,
): string {
  if (what === 0 && node.speaker) {
    network.stop(node, chance < 0.5 ? 'crash' : 'gracefully');
    node.frozen = false;
    return `${node.link.address} stops`;
  }
  if (!node.speaker) {
    network.start(node);
    return `${node.link.address} starts`;
  }
  if (what === 1) {
    for (const one of network.nodes) one.part = one === node ? 1 : 0;
    return `${node.link.address} alone`;
  }
  if (what === 2) {
    for (const [at, one] of network.nodes.entries()) one.part = at % 2;
    return 'halves';
  }
  if (what === 3 && !node.frozen) {
    node.frozen = true;
    return `${node.link.address} freezes`;
  }
  if (what === 4) {
    network.loss = chance * 0.5;
    return 'loss';
  }
  for (const one of network.nodes) one.part = 0;
  network.loss = 0;
  for (const one of network.nodes) if (one.frozen) network.thaw(one);
  return 'healed';
}

test('the highest priority wins from a cold start, whatever the order', () => {
  const network = new SimulatedNetwork(seededRandom(1));
  const nodes = [50, 200, 100].map((priority, at) => network.add(at + 1, routerSpec({ priority })));
  for (const node of nodes) network.start(node);
  network.run(6000, () => {});
  deepEqual(
    nodes.map((node) => network.isActive(node)),
    [false, true, false],
  );
});

test('a graceful stop hands over within the Skew_Time of the best Backup', () => {
  const network = new SimulatedNetwork(seededRandom(1));
  const [first, second] = [200, 150].map((priority, at) =>
    network.add(at + 1, routerSpec({ priority })),
  );
  if (!first || !second) throw new Error('two nodes were added');
  for (const node of [first, second]) network.start(node);
  network.run(6000, () => {});
  network.stop(first, 'gracefully');
  network.run(6000 + (106 / 256) * interval + network.maxDelayMs + 1, () => {});
  equal(network.isActive(second), true);
});

test('who retires holds the addresses until the successor does: at no moment nobody', () => {
  const network = new SimulatedNetwork(seededRandom(1));
  const [first, second] = [200, 150].map((priority, at) =>
    network.add(at + 1, routerSpec({ priority })),
  );
  if (!first || !second) throw new Error('two nodes were added');
  for (const node of [first, second]) network.start(node);
  network.run(6000, () => {});
  const holders = (): number =>
    [first, second].filter(({ link }) => link.addresses.length === 2).length;
  let fewest = holders();
  first.speaker?.retire();
  network.run(8000, () => {
    fewest = Math.min(fewest, holders());
  });
  equal(fewest, 1);
  deepEqual([first.link.addresses.length, second.link.addresses.length], [1, 2]);
  equal(first.speaker?.retired, true);
});

test('who retires with nobody to succeed lets go all the same', () => {
  const network = new SimulatedNetwork(seededRandom(1));
  const node = network.add(1, routerSpec());
  network.start(node);
  network.run(6000, () => {});
  node.speaker?.retire();
  network.run(7100, () => {});
  deepEqual([node.speaker?.retired, node.link.addresses.length], [true, 1]);
});

test('after a two-way cut heals, the loser is heard and the winner announces again', () => {
  const network = new SimulatedNetwork(seededRandom(1));
  const [first, second] = [200, 150].map((priority, at) =>
    network.add(at + 1, routerSpec({ priority })),
  );
  if (!first || !second) throw new Error('two nodes were added');
  for (const node of [first, second]) network.start(node);
  network.run(5000, () => {});
  second.part = 1;
  network.run(20_000, () => {});
  deepEqual([network.isActive(first), network.isActive(second)], [true, true]);
  const announcedBefore = announcements(first);
  second.part = 0;
  network.run(22_000, () => {});
  deepEqual([network.isActive(first), network.isActive(second)], [true, false]);
  equal(announcements(first) > announcedBefore, true);
});

/** Frames that are no probes: their sender is the address itself. */
function announcements({ link }: SimulatedNode): number {
  return link.frames.filter(({ frame }) => frame[28] === 10).length;
}
