import { deepEqual, equal, ok } from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { seededRandom, silentLog } from '../../../controller/base/index.ts';
import { type HealthChecks, startHealthChecks } from '../../../controller/health/index.ts';
import type { AnyObject, EndpointHealthStatus } from '../../../controller/objects/index.ts';
import { createMemoryStore, type Store } from '../../../controller/store/index.ts';
import { FakeClock } from '../../fakes/clock.ts';
import { MemoryMeter } from '../../fakes/meter.ts';
import { ProblemBook } from '../../fakes/problems.ts';
import { FakeProber } from './fake-prober.ts';
import { service, slice } from './services/objects.ts';

/** Enough for a watch, a probe and a write to follow each other. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 4; turn += 1) await new Promise((done) => setImmediate(done));
}

/** An engine on a store that holds `objects`, with nothing real below it. */
class Bench {
  readonly clock: FakeClock = new FakeClock();
  readonly store: Store = createMemoryStore({ clock: this.clock });
  readonly prober: FakeProber = new FakeProber();
  readonly problems: ProblemBook = new ProblemBook();
  readonly meter: MemoryMeter = new MemoryMeter();

  start(t: TestContext): HealthChecks {
    const checks = startHealthChecks({
      store: this.store,
      clock: this.clock,
      random: seededRandom(1),
      log: silentLog,
      problems: this.problems,
      meter: this.meter,
      nodeName: 'here',
      podProbes: 'none',
      prober: this.prober,
    });
    t.after(() => checks[Symbol.asyncDispose]());
    return checks;
  }

  async put(...objects: readonly AnyObject[]): Promise<void> {
    await this.store.writeAll(objects.map((object) => ({ kind: 'put', object })));
  }

  /** Lets time pass and everything that follows from it reach the store. */
  async pass(ms: number): Promise<void> {
    await turns();
    await this.clock.advanceAsync(ms, 50);
    await turns();
  }

  statuses(name = 'shop'): readonly EndpointHealthStatus[] | undefined {
    return this.store.get('EndpointHealth', 'default', name)?.status.endpoints;
  }

  /** `10.0.0.1+ 10.0.0.2-` */
  verdicts(name = 'shop'): string | undefined {
    return this.statuses(name)
      ?.map(({ address, healthy }) => address + (healthy ? '+' : '-'))
      .join(' ');
  }
}

const twoEndpoints = slice('shop', ['10.0.0.1', '10.0.0.2']);

test('settled: each first verdict is in the store, and a dead endpoint is out from the start', async (t) => {
  const bench = new Bench();
  bench.prober.set('10.0.0.2', 'down');
  await bench.put(service('shop', { '': 'tcp' }), twoEndpoints);
  const settled = bench.start(t).settled();
  equal(bench.statuses(), undefined);
  await bench.pass(10);
  await settled;
  deepEqual(bench.statuses(), [
    { address: '10.0.0.1', port: 8080, healthy: true, lastTransitionTime: '2026-01-01T00:00:00Z' },
    {
      address: '10.0.0.2',
      port: 8080,
      healthy: false,
      message: 'connection refused',
      lastTransitionTime: '2026-01-01T00:00:00Z',
    },
  ]);
});

test('settled at once where nothing is to be checked', async (t) => {
  const bench = new Bench();
  await bench.put(service('shop', {}), twoEndpoints);
  await bench.start(t).settled();
  await bench.pass(10_000);
  deepEqual(bench.prober.probed, []);
  equal(bench.statuses(), undefined);
});

/** One letter an interval of 1 s: what 10.0.0.1 does, and whether it is in (`U`) or out (`D`). */
const schedules: readonly (readonly [
  options: Record<string, string>,
  behaviour: string,
  states: string,
  why: string,
])[] = [
  [{}, 'udduu', 'UUDUU', 'defaults: out after two failures, in after one success'],
  [{ '-failure-threshold': '1' }, 'udu', 'UDU', 'out at the next interval'],
  [{ '-failure-threshold': '3', '-success-threshold': '2' }, 'udddduuu', 'UUUDDDUU', 'both higher'],
  [{}, 'ususu', 'UUUUU', 'a probe that could not be made changes nothing'],
  [{}, 'uhhu', 'UUDU', 'a timeout is a failure'],
];

for (const [options, behaviour, states, why] of schedules) {
  test(`endpoint that goes ${behaviour} is ${states}: ${why}`, async (t) => {
    const bench = new Bench();
    const all = { '': 'http', '-interval': '1s', '-timeout': '200ms', ...options };
    await bench.put(service('shop', all), twoEndpoints);
    bench.start(t);
    let seen = '';
    const meanings = { u: 'up', d: 'down', h: 'hang', s: 'short' } as const;
    const probes = (): number => bench.prober.probed.filter((one) => one === '10.0.0.1').length;
    for (const letter of behaviour.split('')) {
      bench.prober.set('10.0.0.1', meanings[letter as keyof typeof meanings]);
      const before = probes();
      for (let steps = 0; probes() === before && steps < 25; steps += 1) await bench.pass(50);
      equal(probes(), before + 1, 'one probe an interval');
      await bench.pass(250);
      seen += bench.statuses()?.[0]?.healthy ? 'U' : 'D';
    }
    equal(seen, states);
  });
}

test('a killed backend is out within one interval, timer slack aside', async (t) => {
  const bench = new Bench();
  const options = { '': 'tcp', '-interval': '1s', '-failure-threshold': '1' };
  await bench.put(service('shop', options), twoEndpoints);
  const checks = bench.start(t);
  await bench.pass(50);
  await checks.settled();
  for (let round = 0; round < 10; round += 1) {
    bench.prober.set('10.0.0.1', 'down');
    await bench.pass(1000);
    equal(bench.verdicts(), '10.0.0.1- 10.0.0.2+');
    bench.prober.set('10.0.0.1', 'up');
    await bench.pass(1000);
    equal(bench.verdicts(), '10.0.0.1+ 10.0.0.2+');
  }
});

test('verdicts that change together are one write; verdicts that stand are none', async (t) => {
  const bench = new Bench();
  const options = { '': 'tcp', '-interval': '1s', '-failure-threshold': '1' };
  const many = Array.from({ length: 50 }, (_, index) => `10.0.1.${index + 1}`);
  await bench.put(service('shop', options), slice('shop', many));
  const checks = bench.start(t);
  await bench.pass(100);
  await checks.settled();
  const before = bench.store.resourceVersion;
  await bench.pass(5000);
  equal(bench.store.resourceVersion, before);
  let events = 0;
  bench.store.watch({ kinds: ['EndpointHealth'] }, (batch) => (events += batch.length));
  for (const address of many) bench.prober.set(address, 'down');
  bench.clock.advance(1000);
  await turns();
  equal(bench.statuses()?.filter(({ healthy }) => !healthy).length, 50);
  equal(events, 1);
});

test('panic is reported while every endpoint fails, and taken back', async (t) => {
  const bench = new Bench();
  bench.prober.set('10.0.0.1', 'down');
  bench.prober.set('10.0.0.2', 'down');
  await bench.put(service('shop', { '': 'tcp', '-interval': '1s' }), twoEndpoints);
  bench.start(t);
  await bench.pass(50);
  deepEqual(bench.problems.reasons, ['AllEndpointsUnhealthy']);
  equal(bench.verdicts(), '10.0.0.1- 10.0.0.2-');
  bench.prober.set('10.0.0.2', 'up');
  await bench.pass(1000);
  deepEqual(bench.problems.reasons, []);
});

test('health follows the slices: gone endpoints leave it, new ones are checked', async (t) => {
  const bench = new Bench();
  await bench.put(service('shop', { '': 'tcp' }), twoEndpoints);
  bench.start(t);
  await bench.pass(50);
  await bench.put(slice('shop', ['10.0.0.2', '10.0.0.3']));
  await bench.pass(50);
  equal(bench.verdicts(), '10.0.0.2+ 10.0.0.3+');
  equal(bench.meter.values.get('portolan_health_endpoints{state="healthy"}'), 2);
});

const endings: readonly (readonly [name: string, end: (bench: Bench) => Promise<void>])[] = [
  ['the Service goes', (bench) => bench.store.delete('Service', 'default', 'shop')],
  ['the annotation goes', (bench) => bench.put(service('shop', {}))],
];

for (const [name, end] of endings) {
  test(`health is deleted and checks stop when ${name}`, async (t) => {
    const bench = new Bench();
    await bench.put(service('shop', { '': 'tcp' }), twoEndpoints);
    bench.start(t);
    await bench.pass(50);
    ok(bench.statuses());
    await end(bench);
    await bench.pass(50);
    equal(bench.statuses(), undefined);
    equal(bench.clock.pending, 0);
    equal(bench.meter.values.get('portolan_health_endpoints{state="healthy"}'), 0);
  });
}

test('after a restart the last verdicts hold until the first probes; leftovers are deleted', async (t) => {
  const bench = new Bench();
  bench.prober.set('10.0.0.2', 'down');
  await bench.put(
    service('shop', { '': 'tcp' }),
    twoEndpoints,
    service('old', { '': 'tcp' }),
    slice('old', ['10.0.0.9']),
  );
  const first = bench.start(t);
  await bench.pass(50);
  await first[Symbol.asyncDispose]();
  equal(bench.clock.pending, 0);
  await bench.store.delete('Service', 'default', 'old');
  equal(bench.verdicts('old'), '10.0.0.9+');

  bench.prober.set('10.0.0.2', 'hang');
  const second = bench.start(t);
  await turns();
  equal(bench.verdicts('old'), undefined);
  equal(bench.verdicts(), '10.0.0.1+ 10.0.0.2-');
  await bench.pass(1100);
  await second.settled();
  equal(bench.verdicts(), '10.0.0.1+ 10.0.0.2-');
});

test('health that somebody else deletes comes back', async (t) => {
  const bench = new Bench();
  await bench.put(service('shop', { '': 'tcp' }), twoEndpoints);
  bench.start(t);
  await bench.pass(50);
  await bench.store.delete('EndpointHealth', 'default', 'shop');
  await bench.pass(50);
  equal(bench.verdicts(), '10.0.0.1+ 10.0.0.2+');
});

test('EndpointHealth of a Service that asks for no check is not ours to delete', async (t) => {
  const bench = new Bench();
  await bench.put(service('shop', {}), twoEndpoints, {
    apiVersion: 'portolan.dev/v1alpha1',
    kind: 'EndpointHealth',
    metadata: { namespace: 'default', name: 'shop' },
    status: { endpoints: [] },
  });
  bench.start(t);
  await bench.pass(50);
  deepEqual(bench.statuses(), []);
});

test('a changed check starts at once, and what was known holds until it says otherwise', async (t) => {
  const bench = new Bench();
  await bench.put(service('shop', { '': 'tcp', '-interval': '1h' }), twoEndpoints);
  bench.start(t);
  await bench.pass(50);
  bench.prober.set('10.0.0.1', 'down');
  const changed = { '': 'http', '-interval': '1h', '-failure-threshold': '1' };
  await bench.put(service('shop', changed));
  equal(bench.verdicts(), '10.0.0.1+ 10.0.0.2+');
  await bench.pass(50);
  equal(bench.verdicts(), '10.0.0.1- 10.0.0.2+');
});

test('an initial delay holds the first probe back, and settled does not wait for it', async (t) => {
  const bench = new Bench();
  const options = { '': 'tcp', '-initial-delay': '10s' };
  await bench.put(service('shop', options), twoEndpoints);
  await bench.start(t).settled();
  await bench.pass(9900);
  deepEqual(bench.prober.probed, []);
  await bench.pass(200);
  equal(bench.prober.probed.length, 2);
});

test('many endpoints are spread in time, and bounded in number when they hang', async (t) => {
  const bench = new Bench();
  const addresses = Array.from({ length: 1100 }, (_, i) => `10.1.${i >> 8}.${i & 255}`);
  for (const address of addresses) bench.prober.set(address, 'hang');
  const options = { '': 'tcp', '-interval': '5s', '-timeout': '5s' };
  await bench.put(service('shop', options), slice('shop', addresses));
  bench.start(t);
  await turns();
  bench.clock.advance(100);
  const early = bench.prober.probed.length;
  ok(early > 100 && early < 600, `${early} in the first 100 ms`);
  bench.clock.advance(1000);
  equal(bench.prober.probed.length, 1000);
  equal(bench.prober.maxRunning, 1000);
});

test('metrics count checks by result, and changes of state', async (t) => {
  const bench = new Bench();
  bench.prober.set('10.0.0.2', 'hang');
  await bench.put(service('shop', { '': 'tcp', '-timeout': '500ms' }), twoEndpoints);
  bench.start(t);
  await bench.pass(1000);
  const { values, observations } = bench.meter;
  equal(values.get('portolan_health_checks_total{result="healthy",type="tcp"}'), 1);
  equal(values.get('portolan_health_checks_total{result="timeout",type="tcp"}'), 1);
  equal(values.get('portolan_health_endpoints{state="healthy"}'), 1);
  equal(values.get('portolan_health_endpoints{state="unhealthy"}'), 1);
  equal(values.get('portolan_health_endpoints{state="unknown"}'), 0);
  equal(values.get('portolan_health_transitions_total{to="unhealthy"}'), 1);
  const seconds = observations.get('portolan_health_check_duration_seconds{type="tcp"}');
  equal(seconds?.length, 2);
  equal(seconds?.[1], 0.5);
});
