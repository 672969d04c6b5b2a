import { deepEqual, equal } from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { silentLog, systemClock } from '../../controller/base/index.ts';
import { FlowCleaner } from '../../proxy/conntrack/index.ts';
import type {
  KernelPlane,
  KernelPlaneOptions,
  SyncObserver,
} from '../../proxy/planes/kernel/index.ts';
import { createNftablesPlane } from '../../proxy/planes/nftables/index.ts';
import { FakeClock } from '../fakes/clock.ts';
import { MemoryMeter } from '../fakes/meter.ts';
import { ProblemBook } from '../fakes/problems.ts';
import { endpoint, servicePort, tableOf } from '../proxy/planes/kernel/fixtures.ts';
import { labMissing, wrongOutcomes } from './ask.ts';
import { addresses, Lab } from './lab.ts';
import { planeOptions } from './plane-options.ts';
import { masqueradings } from './masquerading.ts';
import { packetSummary } from './packet-summary.ts';
import { combinations, packetCases, packetServices } from './packet-table.ts';

const missing = labMissing('nft', 'conntrack');

function planeIn(
  lab: Lab,
  fields: Partial<KernelPlaneOptions> = {},
  observers: readonly SyncObserver[] = [],
): KernelPlane {
  return createNftablesPlane(planeOptions(lab, fields), observers);
}

suite('nftables in a lab', { skip: missing ?? false }, () => {
  let lab: Lab;
  before(async () => {
    lab = await Lab.build();
    await using plane = planeIn(lab);
    const { problems } = await plane.apply(packetServices(), undefined);
    deepEqual(problems, []);
  });
  after(async () => {
    await lab?.[Symbol.asyncDispose]();
  });

  test('every packet of the table gets where it should', async (context) => {
    const cases = packetCases();
    equal(cases.length, combinations());
    deepEqual(await wrongOutcomes(lab, cases), []);
    for (const line of packetSummary(cases)) context.diagnostic(line);
  });

  for (const [name, model, options] of masqueradings) {
    test(`${name}: every TCP packet that may get somewhere does`, async () => {
      await using other = planeIn(lab, options);
      await other.apply(packetServices(), undefined);
      const cases = packetCases(model, ['TCP']).filter(({ state }) => state !== 'none');
      equal(cases.length, (combinations(['TCP']) * 3) / 4);
      deepEqual(await wrongOutcomes(lab, cases), []);
    });
  }

  test('and back to what the other tests expect', async () => {
    const clock = new FakeClock();
    await using back = planeIn(lab, { clock });
    await back.apply(packetServices(), undefined);
    // Chains of the other options go a second later.
    clock.advance(1_000);
    await back.drain();
    const [first] = packetCases();
    deepEqual(first && (await wrongOutcomes(lab, [first])), []);
  });

  test('a second start writes nothing', async () => {
    await using again = planeIn(lab);
    await again.apply(packetServices(), undefined);
    equal(again.writes, 0);
  });

  test('changes through netlink leave what nft would have written', async () => {
    const started: string[] = [];
    const options = planeOptions(lab, { ownName: 'portolan-direct' });
    const run: typeof options.run = async (file, args, input) => {
      if (args[0] === '-f') started.push(input ?? '');
      return await options.run(file, args, input);
    };
    await using own = createNftablesPlane({ ...options, run }, []);
    const { ports } = packetServices();
    await own.apply({ generation: 1, ports }, undefined);
    started.length = 0;
    // Everybody gets a neighbour's endpoints: every kind of element changes, in both families.
    const turned = [...ports.values()].map((port, place, all) => {
      const { clusterEndpoints, localEndpoints, hasAnyEndpoint } =
        all.filter((one) => one.family === port.family)[(place + 1) % (all.length / 2)] ?? port;
      return { ...port, clusterEndpoints, localEndpoints, hasAnyEndpoint };
    });
    await own.apply(tableOf(2, turned), undefined);
    deepEqual(started, [], 'no nft was started');
    await using again = planeIn(lab, { ownName: 'portolan-direct' });
    await again.apply(tableOf(2, turned), undefined);
    equal(again.writes, 0);
    await own.cleanup();
  });

  for (const [what, args] of [
    ['ruleset', ['flush', 'ruleset']],
    ['table', ['flush', 'table', 'ip', 'portolan']],
  ] as const) {
    test(`a flushed ${what} is repaired by the canary`, async () => {
      const { node } = lab.hosts;
      const before = (await node.run('nft', ['list', 'table', 'ip', 'portolan'])).stdout;
      const clock = new FakeClock();
      await using watched = planeIn(lab, { clock });
      await watched.apply(packetServices(), undefined);
      await node.run('nft', args);
      clock.advance(5_000);
      await watched.drain();
      const after = (await node.run('nft', ['list', 'table', 'ip', 'portolan'])).stdout;
      deepEqual(sortedLines(after), sortedLines(before));
    });
  }

  test('UDP flows follow their endpoints: change, none, back', async () => {
    const { node, client } = lab.hosts;
    const cleaner = new FlowCleaner({
      log: silentLog,
      meter: new MemoryMeter(),
      clock: systemClock,
      problems: new ProblemBook(),
      run: node.run,
      node: { primary: [addresses.IPv4.node], all: () => [] },
    });
    await using udp = planeIn(lab, { ownName: 'portolan-udp', families: ['IPv4'] }, [cleaner]);
    let generation = 0;
    const to = async (...endpoints: readonly string[]): Promise<string> => {
      generation += 1;
      const port = servicePort({
        protocol: 'UDP',
        clusterIP: '10.97.0.1',
        clusterEndpoints: endpoints.map((address) => endpoint(address)),
        hasAnyEndpoint: endpoints.length > 0,
      });
      await udp.apply(tableOf(generation, [port]), undefined);
      await cleaner.settled();
      const flow = { host: '10.97.0.1', port: 80, fromPort: 5353 } as const;
      const text = await client.tell({ kind: 'ask', protocol: 'UDP', ...flow, timeoutMs: 2_000 });
      return text.split(' ')[0] ?? '';
    };
    const { podA, podFar } = addresses.IPv4;
    deepEqual(
      [await to(podA), await to(podFar), await to(), await to(podA)],
      ['podA', 'podFar', 'refused', 'podA'],
    );
    await udp.cleanup();
  });

  test('ClientIP affinity keeps a client, until its endpoint goes', async () => {
    await using own = planeIn(lab, { ownName: 'portolan-tie', families: ['IPv4'] });
    const { podA, podB } = addresses.IPv4;
    const port = servicePort({
      clusterIP: '10.97.0.3',
      affinity: { kind: 'ClientIP', timeoutSec: 60 },
      clusterEndpoints: [endpoint(podA), endpoint(podB)],
    });
    await own.apply(tableOf(1, [port]), undefined);
    const before = await countAnswers(lab, '10.97.0.3', 20);
    deepEqual(
      before.toSorted((a, b) => a - b),
      [0, 20],
    );
    const gone = before[0] === 20 ? podA : podB;
    const left = port.clusterEndpoints.filter(({ address }) => address !== gone);
    await own.apply(tableOf(2, [{ ...port, clusterEndpoints: left }]), undefined);
    deepEqual(await countAnswers(lab, '10.97.0.3', 20), before.toReversed());
    await own.cleanup();
  });

  test('sources outside loadBalancerSourceRanges get silence', async () => {
    await using own = planeIn(lab, { ownName: 'portolan-range', families: ['IPv4'] });
    const port = servicePort({
      clusterIP: undefined,
      loadBalancerIPs: ['203.0.113.200'],
      loadBalancerSourceRanges: ['192.0.2.0/24'],
      clusterEndpoints: [endpoint(addresses.IPv4.podFar)],
    });
    await own.apply(tableOf(1, [port]), undefined);
    const from = async (host: 'outside' | 'client'): Promise<string> => {
      const target = { host: '203.0.113.200', port: 80, timeoutMs: 2_000 };
      const text = await lab.hosts[host].tell({ kind: 'ask', protocol: 'TCP', ...target });
      return text.split(' ')[0] ?? '';
    };
    deepEqual(await Promise.all([from('outside'), from('client')]), ['podFar', 'silence']);
    await own.cleanup();
  });

  test("cleanup takes our tables away and nobody else's", async () => {
    const { node } = lab.hosts;
    await node.run('nft', ['add', 'table', 'ip', 'foreign']);
    await using plane = planeIn(lab);
    await plane.cleanup();
    equal((await node.run('nft', ['list', 'tables'])).stdout.trim(), 'table ip foreign');
  });
});

/** How many of `count` connections of one client podA and podB got. */
async function countAnswers(lab: Lab, host: string, count: number): Promise<[number, number]> {
  const counts: [number, number] = [0, 0];
  for (let done = 0; done < count; done += 1) {
    const text = await lab.hosts.client.tell({
      kind: 'ask',
      protocol: 'TCP',
      host,
      port: 80,
      timeoutMs: 2_000,
    });
    if (text.startsWith('podA ')) counts[0] += 1;
    if (text.startsWith('podB ')) counts[1] += 1;
  }
  return counts;
}

/** Element order is the kernel's own. */
function sortedLines(text: string): readonly string[] {
  return text
    .split(/[\n,{}=]/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .toSorted();
}
