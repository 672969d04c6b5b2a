import { deepEqual, equal, match } from 'node:assert/strict';
import { describe, test } from 'node:test';
import { seededRandom, silentLog } from '../../../controller/base/index.ts';
import type { ExecRunner } from '../../../controller/health/index.ts';
import type {
  AddressPool,
  EndpointSlice,
  Service,
  VirtualIP,
} from '../../../controller/objects/index.ts';
import { createMemoryStore } from '../../../controller/store/index.ts';
import {
  type SpeakerMessage,
  type SpeakerRequest,
  startVirtualIPs,
  type VirtualIPOptions,
  type VirtualIPs,
  type VirtualRouterStatus,
} from '../../../controller/vip/index.ts';
import { FakeClock } from '../../fakes/clock.ts';
import { MemoryMeter } from '../../fakes/meter.ts';
import { ProblemBook } from '../../fakes/problems.ts';

const virtualIP = (spec: Partial<VirtualIP['spec']> = {}): VirtualIP => ({
  apiVersion: 'portolan.dev/v1alpha1',
  kind: 'VirtualIP',
  metadata: { name: 'web' },
  spec: { interface: 'eth0', addresses: ['192.0.2.10/24'], virtualRouterID: 51, ...spec },
});

const status: VirtualRouterStatus = {
  name: 'web',
  state: 'active',
  reason: 'no advert arrived in time',
  priority: 100,
  source: '192.0.2.1',
  active: undefined,
  peerChecksum: undefined,
  rivals: [],
  transitions: 2,
  advertsSent: 10,
  advertsReceived: 3,
  dropped: { ttl: 4 },
};

/** Virtual IPs with a speaker that only listens. */
class Bench implements AsyncDisposable {
  readonly clock = new FakeClock();
  readonly store = createMemoryStore({ clock: this.clock });
  readonly meter = new MemoryMeter();
  readonly problems = new ProblemBook();
  readonly sent: SpeakerRequest[] = [];
  readonly vips: VirtualIPs;
  say: (message: SpeakerMessage) => void = () => {};

  constructor(exec?: ExecRunner, more: Partial<VirtualIPOptions> = {}) {
    this.vips = startVirtualIPs({
      store: this.store,
      clock: this.clock,
      random: seededRandom(1),
      log: silentLog,
      problems: this.problems,
      meter: this.meter,
      nodeName: 'a',
      ...(exec && { exec }),
      ...more,
      speaker: (onMessage) => {
        this.say = onMessage;
        return {
          send: (request) => void this.sent.push(request),
          [Symbol.asyncDispose]: async () => {},
        };
      },
    });
  }

  get lastTracking(): unknown {
    const last = this.sent.findLast((request) => request.kind === 'track');
    return last?.kind === 'track' ? last.tracking : undefined;
  }

  report(changes: Partial<VirtualRouterStatus> = {}): void {
    const counts = { malformed: { length: 2 }, unknownRouters: 5 };
    const routers = [{ ...status, ...changes }];
    this.say({ kind: 'status', report: { routers, counts, maxLatenessMs: 1.5 } });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.vips[Symbol.asyncDispose]();
  }
}

test('without virtual IPs no thread starts', async () => {
  await using bench = new Bench();
  bench.vips.apply([]);
  deepEqual(bench.sent, []);
});

test('routers go to the speaker; status has what people ask for', async () => {
  await using bench = new Bench();
  bench.vips.apply([virtualIP()]);
  equal(bench.sent[0]?.kind === 'apply' && bench.sent[0].specs[0]?.vrid, 51);
  bench.report();
  const [shown] = bench.vips.status();
  deepEqual(shown?.addresses, ['192.0.2.10/24']);
  equal(Math.round(shown?.worstFailoverMs ?? 0), 3609);
});

test('a wrong object is a problem, and the others run', async () => {
  await using bench = new Bench();
  const good = { ...virtualIP(), metadata: { name: 'good' } };
  bench.vips.apply([virtualIP({ virtualRouterID: 999 }), good]);
  deepEqual(bench.problems.reasons, ['InvalidField']);
  const [request] = bench.sent;
  deepEqual(request?.kind === 'apply' && request.specs.map(({ name }) => name), ['good']);
});

test('metrics follow the reports, and count on when a router starts anew', async () => {
  await using bench = new Bench();
  bench.vips.apply([virtualIP()]);
  bench.report();
  bench.report({ advertsSent: 15 });
  bench.report({ advertsSent: 1 });
  const { values } = bench.meter;
  equal(values.get('portolan_vip_adverts_sent_total{virtual_router="web"}'), 15);
  equal(values.get('portolan_vip_state{state="active",virtual_router="web"}'), 1);
  equal(values.get('portolan_vip_state{state="backup",virtual_router="web"}'), 0);
  const dropped = 'portolan_vip_adverts_dropped_total';
  equal(values.get(`${dropped}{reason="ttl",virtual_router="web"}`), 4);
  equal(values.get(`${dropped}{reason="length",virtual_router=""}`), 2);
  equal(values.get(`${dropped}{reason="unknown-virtual-router",virtual_router=""}`), 5);
  equal(values.get('portolan_vip_advert_lateness_seconds'), 0.0015);
});

test('a rival is a problem that says what to do, until it goes', async () => {
  await using bench = new Bench();
  bench.vips.apply([virtualIP()]);
  const rival = { peer: '192.0.2.2', priority: 90, firstSeenMs: 0, lastSeenMs: 0 };
  bench.report({ rivals: [{ ...rival, cause: 'does-not-hear-us' }] });
  deepEqual(bench.problems.reasons, ['SplitBrain']);
  match(bench.problems.all[0]?.message ?? '', /^192\.0\.2\.2 \(priority 90\) is Active too/);
  match(bench.problems.all[0]?.instead ?? '', /protocol 112/);
  bench.report();
  deepEqual(bench.problems.all, []);
});

test('a thread that cannot run is a problem, and the next change tries again', async () => {
  await using bench = new Bench();
  bench.vips.apply([virtualIP()]);
  bench.say({ kind: 'unable', code: 'EPERM', message: 'socket: EPERM' });
  deepEqual(bench.problems.reasons, ['VirtualIPsUnavailable']);
  bench.sent.length = 0;
  bench.vips.apply([virtualIP()]);
  equal(bench.sent[0]?.kind, 'apply');
  bench.say({ kind: 'ready', wakeFd: 0 });
  bench.report();
  deepEqual(bench.problems.all, []);
});

describe('tracking', () => {
  const service: Service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'shop' },
    spec: { ports: [{ port: 80 }] },
  };
  const slice = (ready: boolean): EndpointSlice => ({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: 'web-1',
      namespace: 'shop',
      labels: { 'kubernetes.io/service-name': 'web' },
    },
    addressType: 'IPv4',
    endpoints: [{ addresses: ['10.0.0.1'], conditions: { ready } }],
    ports: [{ port: 80 }],
  });

  test('a Service without a ready endpoint costs the addresses, or priority', async () => {
    await using bench = new Bench();
    bench.vips.apply([virtualIP({ track: [{ service: 'shop/web' }] })]);
    deepEqual(bench.lastTracking, { weight: 0, fault: 'Service shop/web does not work' });
    await bench.store.create(service);
    await bench.store.create(slice(true));
    await bench.clock.advanceAsync(1);
    deepEqual(bench.lastTracking, { weight: 0, fault: undefined });
    await bench.store.update(slice(false));
    await bench.clock.advanceAsync(1);
    deepEqual(bench.lastTracking, { weight: 0, fault: 'Service shop/web does not work' });
    bench.vips.apply([virtualIP({ track: [{ service: 'shop/web', weight: -20 }] })]);
    deepEqual(bench.lastTracking, { weight: -20, fault: undefined });
  });

  test('a plane that this node does not serve costs the addresses at once', async () => {
    let works = true;
    await using bench = new Bench(undefined, { planeWorks: () => works });
    bench.vips.apply([virtualIP({ track: [{ plane: 'Ingress' }] })]);
    deepEqual(bench.lastTracking, { weight: 0, fault: undefined });
    works = false;
    bench.vips.planesChanged();
    deepEqual(bench.lastTracking, { weight: 0, fault: 'the Ingress plane does not work' });
    works = true;
    // What changes without an event is seen within a second.
    await bench.clock.advanceAsync(1000);
    deepEqual(bench.lastTracking, { weight: 0, fault: undefined });
    const told = bench.sent.length;
    await bench.clock.advanceAsync(5000, 1000);
    equal(bench.sent.length, told, 'what is unchanged is not sent again');
  });

  test('the number in a file, times the weight, changes the priority', async () => {
    let text: string | undefined;
    const readTracked = async (): Promise<string | undefined> => text;
    await using bench = new Bench(undefined, { readTracked });
    const after = async (next: string | undefined): Promise<unknown> => {
      text = next;
      await bench.clock.advanceAsync(250, 50);
      return bench.lastTracking;
    };
    bench.vips.apply([virtualIP({ track: [{ file: '/run/vip', weight: -2 }] })]);
    deepEqual(await after(undefined), { weight: 0, fault: undefined });
    deepEqual(await after('20\n'), { weight: -40, fault: undefined });
    deepEqual(await after('junk'), { weight: -40, fault: undefined });
    deepEqual(await after('255'), { weight: -40, fault: undefined });
    deepEqual(await after(''), { weight: 0, fault: undefined });
    bench.vips.apply([virtualIP({ track: [{ file: '/run/vip' }] })]);
    deepEqual(await after('1'), { weight: 0, fault: 'file /run/vip says 1' });
    deepEqual(await after('0'), { weight: 0, fault: undefined });
  });

  test('a script counts after `fall` failures in a row; its first run decides alone', async () => {
    let status: number | undefined = 0;
    await using bench = new Bench(async () => status);
    const script = { command: ['/usr/bin/check'], interval: '1s', fall: 2 };
    bench.vips.apply([virtualIP({ track: [{ script, weight: 10 }] })]);
    const after = async (next: number | undefined): Promise<unknown> => {
      status = next;
      await bench.clock.advanceAsync(1000, 100);
      return bench.lastTracking;
    };
    deepEqual(await after(0), { weight: 10, fault: undefined });
    deepEqual(await after(1), { weight: 10, fault: undefined });
    deepEqual(await after(undefined), { weight: 0, fault: undefined });
    deepEqual(await after(0), { weight: 10, fault: undefined });
  });
});

test('notify commands get the arguments of keepalived, in order', async () => {
  const ran: (readonly string[])[] = [];
  await using bench = new Bench(async (command) => {
    ran.push(command);
    return 0;
  });
  bench.vips.apply([virtualIP({ notify: ['/usr/bin/notify'] })]);
  const changed = { kind: 'transition', name: 'web', reason: '', priority: 100 } as const;
  bench.say({ ...changed, from: 'initialize', to: 'backup' });
  bench.say({ ...changed, from: 'backup', to: 'active' });
  bench.say({ ...changed, from: 'active', to: 'fault' });
  await bench.vips[Symbol.asyncDispose]();
  deepEqual(
    ran.map((words) => words.join(' ')),
    ['BACKUP', 'MASTER', 'FAULT'].map((state) => `/usr/bin/notify INSTANCE web ${state} 100`),
  );
});

test('a Service that gets an address of a pool is held here, and let go with it', async () => {
  await using bench = new Bench();
  const pool: AddressPool = {
    apiVersion: 'portolan.dev/v1alpha1',
    kind: 'AddressPool',
    metadata: { name: 'lan' },
    spec: { addresses: ['192.0.2.16/28'], interface: 'eth0', firstVirtualRouterID: 100 },
  };
  const held = (): unknown => {
    const last = bench.sent.findLast((request) => request.kind === 'apply');
    return last?.kind === 'apply' && last.specs.map(({ name, vrid }) => [name, vrid]);
  };
  bench.vips.apply([], [pool]);
  deepEqual(bench.sent, []);
  const service: Service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'shop' },
    spec: { type: 'LoadBalancer', ports: [{ port: 80 }] },
  };
  await bench.store.create(service);
  await bench.store.updateStatus({
    ...service,
    status: { loadBalancer: { ingress: [{ ip: '192.0.2.18' }] } },
  });
  await bench.clock.advanceAsync(1);
  deepEqual(held(), [['lan/192.0.2.18', 102]]);
  await bench.store.delete('Service', 'shop', 'web');
  await bench.clock.advanceAsync(1);
  deepEqual(held(), []);
});
