import { deepEqual, equal } from 'node:assert/strict';
import { suite, test } from 'node:test';
import { seededRandom, silentLog } from '../../../../../controller/base/index.ts';
import { EndpointPool } from '../../../../../proxy/planes/userspace/endpoint-pool.ts';
import { defaultTimeouts } from '../../../../../proxy/planes/userspace/options.ts';
import {
  PortMetrics,
  portMetricFamilies,
} from '../../../../../proxy/planes/userspace/port-metrics.ts';
import {
  TcpSession,
  type TcpSessionHost,
} from '../../../../../proxy/planes/userspace/tcp/session.ts';
import { nobody } from '../../../../../proxy/planes/userspace/tcp/transport.ts';
import { FakeClock } from '../../../../fakes/clock.ts';
import { MemoryMeter } from '../../../../fakes/meter.ts';
import { endpoint, servicePort } from '../fixtures.ts';
import { FakeStream, FakeTransport } from './fake-transport.ts';

/** A session to `count` endpoints, none of which answers by itself; dialling has begun. */
function startSession(count: number) {
  const clock = new FakeClock();
  const transport = new FakeTransport();
  const meter = new MemoryMeter();
  const clusterEndpoints = Array.from({ length: count }, (_, i) => endpoint(`10.0.0.${i + 1}`, 80));
  const port = servicePort({ clusterEndpoints });
  const pool = new EndpointPool(clock, seededRandom(1));
  pool.update(port);
  const ends: TcpSession[] = [];
  const client = new FakeStream('client', nobody);
  const host: TcpSessionHost = {
    key: port.key,
    family: 'IPv4',
    pool,
    transport,
    clock,
    timeouts: defaultTimeouts,
    metrics: new PortMetrics(portMetricFamilies(meter), port),
    log: silentLog,
    closed: (ended) => void ends.push(ended),
  };
  const session = new TcpSession(host, client);
  session.start('cluster', client.remoteAddress);
  return { session, client, clock, transport, meter, pool, ends };
}

/** The same, connected to its only endpoint. */
function connected() {
  const lab = startSession(1);
  const upstream = lab.transport.attempts[0];
  if (!upstream) throw new Error('no attempt');
  upstream.owner.connected(upstream);
  lab.client.calls.length = 0;
  upstream.calls.length = 0;
  return { ...lab, upstream };
}

suite('TcpSession: connecting', () => {
  test('each endpoint has its time; the last has longer; then the client is reset', () => {
    const { clock, transport, ends, pool } = startSession(3);
    const timeline: number[] = [];
    for (let ms = 0; ms <= 6000 && ends.length === 0; ms += 50) {
      while (timeline.length < transport.attempts.length) timeline.push(ms);
      clock.advance(50);
    }
    deepEqual(timeline, [0, 250, 750], '250 ms, 500 ms, and 5 s for the last');
    equal(clock.nowMs(), 5750);
    equal(new Set(transport.attempts.map(({ name }) => name)).size, 3, 'none twice');
    deepEqual(
      transport.attempts.map(({ calls }) => calls),
      [['reset'], ['reset'], ['reset']],
    );
    deepEqual(
      pool.activity().map(({ active, failures }) => [active, failures]),
      [
        [0, 1],
        [0, 1],
        [0, 1],
      ],
    );
    equal(clock.pending, 0);
  });

  test('the only endpoint has the long time at once', () => {
    const { clock, ends } = startSession(1);
    clock.advance(4999);
    equal(ends.length, 0);
    clock.advance(1);
    equal(ends.length, 1);
  });

  test('no more than four endpoints are tried', () => {
    const { transport, ends } = startSession(10);
    for (let i = 0; i < 10; i += 1) {
      const stream = transport.attempts[i];
      stream?.owner.failed(stream, 'ECONNREFUSED');
    }
    equal(transport.attempts.length, 4);
    equal(ends.length, 1);
  });

  test('a shortage of this machine is no fault of the endpoint', () => {
    const { transport, ends, pool, meter } = startSession(2);
    const stream = transport.attempts[0];
    stream?.owner.failed(stream, 'EMFILE');
    equal(transport.attempts.length, 1);
    equal(ends.length, 1);
    deepEqual(
      pool.activity().map(({ failures }) => failures),
      [0, 0],
    );
    const rejected = [...meter.values.keys()].find((name) => name.includes('rejected'));
    equal(rejected?.includes('reason="resources"'), true);
  });

  test('a late answer after the timeout is not taken', () => {
    const { session, clock, transport } = startSession(2);
    clock.advance(250);
    const second = transport.attempts[1];
    second?.owner.connected(second);
    equal(session.endpointId, second?.name);
  });
});

suite('TcpSession: copying', () => {
  test('both sides are read once the endpoint has answered', () => {
    const { client, transport } = startSession(1);
    const upstream = transport.attempts[0];
    deepEqual([client.calls, upstream?.calls], [[], []]);
    upstream?.owner.connected(upstream);
    deepEqual([client.calls, upstream?.calls], [['resume'], ['resume']]);
  });

  test('a side that is behind stops the other until it has caught up', () => {
    const { client, upstream } = connected();
    upstream.accepts = false;
    client.hear('a');
    deepEqual(client.calls, ['pause']);
    upstream.accepts = true;
    upstream.drain();
    deepEqual(client.calls, ['pause', 'resume']);
    client.hear('b');
    deepEqual(upstream.calls, ['write a', 'write b']);
  });

  test('FIN is passed on; the second one closes both', () => {
    const { client, upstream, ends } = connected();
    client.owner.ended(client);
    deepEqual(upstream.calls, ['end']);
    upstream.hear('answer');
    upstream.owner.ended(upstream);
    deepEqual(client.calls, ['write answer', 'close']);
    deepEqual(upstream.calls, ['end', 'close']);
    equal(ends.length, 1);
  });

  test('after both FINs, closing waits for what is still being written', () => {
    const { client, upstream, ends } = connected();
    client.owner.ended(client);
    client.accepts = false;
    upstream.hear('long answer');
    upstream.owner.ended(upstream);
    equal(ends.length, 0);
    client.drain();
    deepEqual(client.calls, ['write long answer', 'close']);
    equal(ends.length, 1);
  });

  test('a failure of one side resets both, once', () => {
    const { client, upstream, ends, pool } = connected();
    upstream.owner.failed(upstream, 'ECONNRESET');
    client.owner.failed(client, 'EPIPE');
    equal(client.calls[0], 'reset');
    equal(upstream.calls[0], 'reset');
    equal(ends.length, 1);
    equal(pool.activity()[0]?.active, 0);
  });

  const hourMs = 3_600_000;
  test('quiet for a day: cut; half-closed: for an hour', () => {
    const whole = connected();
    whole.session.sweep(24 * hourMs - 1);
    equal(whole.ends.length, 0);
    whole.session.sweep(24 * hourMs);
    equal(whole.ends.length, 1);
    const half = connected();
    half.client.owner.ended(half.client);
    half.session.sweep(hourMs - 1);
    equal(half.ends.length, 0);
    half.session.sweep(hourMs);
    equal(half.ends.length, 1);
  });

  test('a byte since the last sweep starts the time anew', () => {
    const { session, client, ends } = connected();
    client.hear('x');
    session.sweep(23 * hourMs);
    session.sweep(47 * hourMs - 1);
    equal(ends.length, 0);
    session.sweep(47 * hourMs);
    equal(ends.length, 1);
  });
});
