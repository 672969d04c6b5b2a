import { deepEqual, equal, match } from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { seededRandom, silentLog } from '../../../../controller/base/index.ts';
import {
  type HealthCheckOptions,
  type HealthChecks,
  startHealthChecks,
} from '../../../../controller/health/index.ts';
import type { Pod, Probe } from '../../../../controller/objects/index.ts';
import { createMemoryStore, type Store } from '../../../../controller/store/index.ts';
import { FakeClock } from '../../../fakes/clock.ts';
import { MemoryMeter } from '../../../fakes/meter.ts';
import { ProblemBook } from '../../../fakes/problems.ts';
import { FakeProber } from '../fake-prober.ts';

const tcp: Probe = { tcpSocket: { port: 80 }, periodSeconds: 1 };

/** A Pod `web` whose containers `c0`, `c1` … have these probes. */
function pod(probes: readonly (Probe | undefined)[], more: Partial<Pod> = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace: 'default', name: 'web' },
    spec: {
      containers: probes.map((readinessProbe, index) => ({
        name: `c${index}`,
        ...(readinessProbe && { readinessProbe }),
      })),
    },
    status: { podIP: '10.0.0.1' },
    ...more,
  };
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < 4; turn += 1) await new Promise((done) => setImmediate(done));
}

class Bench {
  readonly clock: FakeClock = new FakeClock();
  readonly store: Store = createMemoryStore({ clock: this.clock });
  readonly prober: FakeProber = new FakeProber();
  readonly problems: ProblemBook = new ProblemBook();

  start(
    t: TestContext,
    commands = false,
    podProbes: HealthCheckOptions['podProbes'] = 'own-and-unassigned',
  ): HealthChecks {
    const checks = startHealthChecks({
      store: this.store,
      clock: this.clock,
      random: seededRandom(1),
      log: silentLog,
      problems: this.problems,
      meter: new MemoryMeter(),
      nodeName: 'here',
      podProbes,
      prober: this.prober,
      ...(commands && { exec: () => Promise.resolve(0) }),
    });
    t.after(() => checks[Symbol.asyncDispose]());
    return checks;
  }

  async put(object: Pod): Promise<void> {
    await this.store.writeAll([{ kind: 'put', object }]);
    await turns();
  }

  async pass(ms: number): Promise<void> {
    await turns();
    await this.clock.advanceAsync(ms, 50);
    await turns();
  }

  /** `ContainersReady=True Ready=True` */
  conditions(): string {
    const { conditions = [] } = this.store.get('Pod', 'default', 'web')?.status ?? {};
    return conditions.map(({ type, status }) => `${type}=${status}`).join(' ');
  }

  message(): string {
    const { conditions = [] } = this.store.get('Pod', 'default', 'web')?.status ?? {};
    return conditions.find(({ type }) => type === 'Ready')?.message ?? '';
  }
}

const ready = 'ContainersReady=True Ready=True';
const notReady = 'ContainersReady=False Ready=False';

test('a Pod is not ready until its probe succeeds, and again after three failures', async (t) => {
  const bench = new Bench();
  bench.prober.set('10.0.0.1', 'down');
  bench.start(t);
  await bench.put(pod([tcp]));
  equal(bench.conditions(), notReady);
  equal(bench.message(), 'c0: not probed yet');
  await bench.pass(50);
  equal(bench.message(), 'c0: connection refused');
  bench.prober.set('10.0.0.1', 'up');
  await bench.pass(1000);
  equal(bench.conditions(), ready);
  bench.prober.set('10.0.0.1', 'down');
  const before = bench.prober.probed.length;
  while (bench.prober.probed.length < before + 2) await bench.pass(50);
  equal(bench.conditions(), ready);
  await bench.pass(1000);
  equal(bench.conditions(), notReady);
});

test('every probed container counts; those without a probe do not', async (t) => {
  const bench = new Bench();
  bench.prober.set('10.9.9.9', 'down');
  bench.start(t);
  const elsewhere: Probe = { ...tcp, tcpSocket: { port: 80, host: '10.9.9.9' } };
  await bench.put(pod([tcp, undefined, elsewhere]));
  await bench.pass(50);
  equal(bench.conditions(), notReady);
  equal(bench.message(), 'c2: connection refused');
  bench.prober.set('10.9.9.9', 'up');
  await bench.pass(1000);
  equal(bench.conditions(), ready);
});

test('settled waits for the first verdicts', async (t) => {
  const bench = new Bench();
  await bench.put(pod([tcp]));
  const settled = bench.start(t).settled();
  await bench.pass(50);
  await settled;
  equal(bench.conditions(), ready);
});

test('a readiness gate that is not True keeps a Pod with ready containers from being ready', async (t) => {
  const bench = new Bench();
  bench.start(t);
  const gated = pod([tcp]);
  const spec = {
    containers: gated.spec?.containers ?? [],
    readinessGates: [{ conditionType: 'lb' }],
  };
  await bench.put({ ...gated, spec });
  await bench.pass(50);
  equal(bench.conditions(), 'ContainersReady=True Ready=False');
  equal(bench.message(), 'conditions that are not True: lb');
  const now = bench.store.get('Pod', 'default', 'web');
  const conditions = [...(now?.status?.conditions ?? []), { type: 'lb', status: 'True' } as const];
  await bench.store.updateStatus<'Pod'>({ ...pod([tcp]), status: { ...now?.status, conditions } });
  await bench.pass(50);
  equal(bench.conditions(), 'lb=True ContainersReady=True Ready=True');
});

const leftAlone: readonly (readonly [why: string, pod: Pod])[] = [
  ['it has no probes', pod([undefined])],
  [
    'it runs on another node',
    pod([], { spec: { nodeName: 'there', containers: [{ name: 'c0', readinessProbe: tcp }] } }),
  ],
];

for (const [why, object] of leftAlone) {
  test(`a Pod is left alone: ${why}`, async (t) => {
    const bench = new Bench();
    bench.start(t);
    await bench.put(object);
    await bench.pass(1000);
    equal(bench.conditions(), '');
    deepEqual(bench.prober.probed, []);
  });
}

test('a Pod of this node by name is probed', async (t) => {
  const bench = new Bench();
  bench.start(t);
  const { spec } = pod([tcp]);
  await bench.put(pod([], { spec: { containers: spec?.containers ?? [], nodeName: 'here' } }));
  await bench.pass(50);
  equal(bench.conditions(), ready);
});

const shares: readonly (readonly [
  share: HealthCheckOptions['podProbes'],
  nodeName: string | undefined,
  isProbed: boolean,
])[] = [
  ['none', 'here', false],
  ['none', undefined, false],
  ['own', 'here', true],
  ['own', undefined, false],
  ['own', '', false],
  ['own', 'there', false],
  ['unassigned', 'here', false],
  ['unassigned', undefined, true],
  ['unassigned', '', true],
  ['unassigned', 'there', false],
  ['own-and-unassigned', 'here', true],
  ['own-and-unassigned', undefined, true],
  ['own-and-unassigned', 'there', false],
];

for (const [share, nodeName, isProbed] of shares) {
  const where = nodeName === undefined ? 'none' : `"${nodeName}"`;
  test(`Pods of ${share}: one with nodeName ${where} is ${isProbed ? '' : 'not '}probed`, async (t) => {
    const bench = new Bench();
    bench.start(t, false, share);
    const { containers = [] } = pod([tcp]).spec ?? {};
    const spec = { containers, ...(nodeName !== undefined && { nodeName }) };
    await bench.put(pod([], { spec }));
    await bench.pass(50);
    equal(bench.conditions(), isProbed ? ready : '');
  });
}

test('a Pod that gets a node goes from who probes the unassigned to that node', async (t) => {
  const bench = new Bench();
  bench.start(t, false, 'own');
  bench.start(t, false, 'unassigned');
  const { containers = [] } = pod([tcp, { exec: { command: ['true'] } }]).spec ?? {};
  const refused = (): number =>
    bench.problems.all.filter(({ reason }) => reason === 'ExecProbeRefused').length;
  await bench.put(pod([], { spec: { containers } }));
  equal(refused(), 1, 'said by one');
  await bench.put(pod([], { spec: { containers, nodeName: 'here' } }));
  equal(refused(), 1, 'said by the other');
  await bench.put(pod([], { spec: { containers, nodeName: 'there' } }));
  equal(refused(), 0, 'a matter of that node');
});

test('a Pod without an address is not ready, and says why', async (t) => {
  const bench = new Bench();
  bench.start(t);
  await bench.put(pod([tcp], { status: {} }));
  await bench.pass(1000);
  equal(bench.conditions(), notReady);
  equal(bench.message(), 'c0: the Pod has no status.podIP to probe');
  deepEqual(bench.prober.probed, []);
});

test('a Pod that has run to its end is not probed and not ready', async (t) => {
  const bench = new Bench();
  bench.start(t);
  await bench.put(pod([tcp], { status: { podIP: '10.0.0.1', phase: 'Succeeded' } }));
  await bench.pass(1000);
  equal(bench.conditions(), notReady);
  deepEqual(bench.prober.probed, []);
});

test('after a restart a Pod stays ready until a probe says otherwise', async (t) => {
  const bench = new Bench();
  await bench.put(pod([{ ...tcp, initialDelaySeconds: 5 }]));
  const first = bench.start(t);
  await bench.pass(6000);
  equal(bench.conditions(), ready);
  await first[Symbol.asyncDispose]();
  bench.prober.set('10.0.0.1', 'hang');
  bench.start(t);
  await bench.pass(500);
  equal(bench.conditions(), ready);
  await bench.pass(600);
  equal(bench.conditions(), notReady);
});

test('Ready in a manifest is no proof: the probe is asked first', async (t) => {
  const bench = new Bench();
  bench.start(t);
  const conditions = [{ type: 'Ready', status: 'True' } as const];
  await bench.put(pod([tcp], { status: { podIP: '10.0.0.1', conditions } }));
  equal(bench.conditions(), notReady);
});

test('when the probe is taken away, so are its conditions', async (t) => {
  const bench = new Bench();
  bench.start(t);
  await bench.put(pod([tcp]));
  await bench.pass(50);
  equal(bench.conditions(), ready);
  await bench.put(pod([undefined]));
  await bench.pass(50);
  equal(bench.conditions(), '');
});

test('a Pod that goes takes its checks and problems along', async (t) => {
  const bench = new Bench();
  bench.start(t);
  await bench.put(pod([tcp, { tcpSocket: { port: 'nowhere' } }]));
  await bench.pass(50);
  deepEqual(bench.problems.reasons, ['InvalidField']);
  await bench.store.delete('Pod', 'default', 'web');
  await bench.pass(50);
  equal(bench.clock.pending, 0);
  deepEqual(bench.problems.reasons, []);
});

test('exec probes are refused where commands are turned off', async (t) => {
  const bench = new Bench();
  bench.start(t);
  await bench.put(pod([{ exec: { command: ['true'] } }]));
  await bench.pass(1000);
  deepEqual(bench.problems.reasons, ['ExecProbeRefused']);
  equal(bench.conditions(), notReady);
  match(bench.message(), /^c0: exec probes are turned off$/);
  deepEqual(bench.prober.probed, []);
});

test('exec probes need no address', async (t) => {
  const bench = new Bench();
  bench.start(t, true);
  await bench.put(pod([{ exec: { command: ['true'] } }], { status: {} }));
  await bench.pass(50);
  equal(bench.conditions(), ready);
});
