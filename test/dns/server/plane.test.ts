import { deepEqual, equal, ok } from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { test } from 'node:test';
import {
  type Plane,
  seededRandom,
  silentLog,
  systemClock,
} from '../../../controller/base/index.ts';
import {
  createDnsPlane,
  type DnsPlaneOptions,
  ZoneCompiler,
  type ZoneDiff,
  type ZoneTable,
} from '../../../dns/index.ts';
import type { Next } from '../../../dns/plugins/plugin.ts';
import { replyWith } from '../../../dns/plugins/reply.ts';
import { type Listener, listen } from '../../../dns/server/listener.ts';
import { ServerMetrics } from '../../../dns/server/metrics.ts';
import { Responder } from '../../../dns/server/responder.ts';
import { Router } from '../../../dns/server/router.ts';
import { defaultTimeouts } from '../../../dns/server/settings.ts';
import { decodeMessage, frame, FrameReader } from '../../../dns/wire/index.ts';
import { FakeClock } from '../../fakes/clock.ts';
import { MemoryMeter } from '../../fakes/meter.ts';
import { ProblemBook } from '../../fakes/problems.ts';
import { formatAnswer } from '../format.ts';
import { bundle } from '../objects.ts';
import { encodeQuery } from '../server-without-sockets.ts';

const web = 'web.shop.svc.cluster.local';

function planeWith(more: Partial<DnsPlaneOptions> = {}): Plane<ZoneTable, ZoneDiff> {
  return createDnsPlane({
    listen: [{ host: '127.0.0.1', port: 0 }],
    upstreams: [],
    log: silentLog,
    meter: new MemoryMeter(),
    clock: systemClock,
    random: seededRandom(1),
    problems: new ProblemBook(),
    ...more,
  });
}

async function applied(more: Partial<DnsPlaneOptions> = {}): Promise<Plane<ZoneTable, ZoneDiff>> {
  const plane = planeWith(more);
  const { table, diff } = new ZoneCompiler().update(
    {
      bundles: { upserted: [bundle('shop/web', { clusterIP: '10.96.0.1' })], removed: [] },
      namespaces: { upserted: [], removed: [] },
    },
    1,
  );
  await plane.apply(table, diff);
  return plane;
}

const portOf = (plane: Plane<ZoneTable, ZoneDiff>): number => plane.addresses()[0]?.port ?? 0;

async function askUdp(port: number, request: Buffer): Promise<Buffer> {
  await using socket = createSocket('udp4');
  socket.send(request, port, '127.0.0.1');
  const [octets]: Buffer[] = await once(socket, 'message');
  return octets ?? Buffer.alloc(0);
}

/** Writes `chunks` one by one, half-closes, and waits for all that comes back. */
async function askTcp(port: number, chunks: readonly Buffer[]): Promise<readonly Buffer[]> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  const replies: Buffer[] = [];
  const reader = new FrameReader((octets) => replies.push(Buffer.from(octets)));
  socket.on('data', (chunk) => reader.push(chunk));
  for (const chunk of chunks) {
    await new Promise((resolve) => socket.write(chunk, resolve));
  }
  socket.end();
  await once(socket, 'close');
  return replies;
}

test('UDP and TCP answer on one port', async () => {
  await using plane = await applied();
  deepEqual(
    plane.addresses().map(({ name, host }) => [name, host]),
    [
      ['dns', '127.0.0.1'],
      ['dns-tcp', '127.0.0.1'],
    ],
  );
  const request = encodeQuery(web, 'A');
  const expected = [`${web}. 5 A 10.96.0.1`];
  deepEqual(formatAnswer(decodeMessage(await askUdp(portOf(plane), request))).answers, expected);
  const [reply] = await askTcp(portOf(plane), [frame(request)]);
  ok(reply);
  deepEqual(formatAnswer(decodeMessage(reply)).answers, expected);
});

test('before the first table: SERVFAIL', async () => {
  await using plane = planeWith({ listen: [{ host: '127.0.0.1', port: 0 }] });
  // There is nothing to await but the socket itself.
  while (plane.addresses().length === 0) await new Promise((resolve) => setImmediate(resolve));
  equal(decodeMessage(await askUdp(portOf(plane), encodeQuery(web, 'A'))).rcode, 2);
});

test('pipelined queries, split anywhere, are all answered after a half-close', async () => {
  await using plane = await applied();
  const stream = Buffer.concat(
    Array.from({ length: 200 }, (_, id) => {
      const request = encodeQuery(web, 'A');
      request.writeUInt16BE(id);
      return frame(request);
    }),
  );
  const chunks = [stream.subarray(0, 1), stream.subarray(1, 100), stream.subarray(100)];
  const replies = await askTcp(portOf(plane), chunks);
  deepEqual(
    replies.map((octets) => octets.readUInt16BE()).toSorted((a, b) => a - b),
    Array.from({ length: 200 }, (_, id) => id),
  );
});

/** Another resolver, over UDP and TCP, that answers TXT to everything once `delay` resolves. */
class Outside implements AsyncDisposable {
  readonly address: string;
  /** Resolves when it was asked. */
  readonly asked: Promise<void>;
  readonly #listener: Listener;

  private constructor(listener: Listener, asked: Promise<void>) {
    this.#listener = listener;
    this.asked = asked;
    this.address = `127.0.0.1:${listener.addresses[0]?.port}`;
  }

  static async start(delay: Promise<void> = Promise.resolve()): Promise<Outside> {
    const asked = Promise.withResolvers<void>();
    const chain: Next = async ({ name }) => {
      asked.resolve();
      await delay;
      const data = { kind: 'Strings', strings: ['from outside'] } as const;
      return replyWith('outside', {
        recursionAvailable: true,
        answers: [{ name, type: 16, class: 1, ttlSec: 1, data }],
      });
    };
    const parts = { log: silentLog, clock: systemClock };
    const metrics = new ServerMetrics(new MemoryMeter(), 'dns://outside');
    const responder = new Responder({
      router: new Router([{ zone: [], label: '.', chain, anyClass: true }]),
      metrics,
      ...parts,
    });
    const where = { host: '127.0.0.1', port: 0, reusePort: false };
    const options = { scheme: 'dns', tls: undefined, timeouts: defaultTimeouts } as const;
    const { listener } = await listen({ ...where, ...parts, ...options }, () => responder);
    return new Outside(listener, asked.promise);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#listener[Symbol.asyncDispose]();
  }
}

test('other names are forwarded; an upstream that is not there is passed over', async () => {
  const gone = await Outside.start();
  await gone[Symbol.asyncDispose]();
  await using outside = await Outside.start();
  await using plane = await applied({ upstreams: [gone.address, outside.address] });
  for (let i = 0; i < 4; i += 1) {
    const message = decodeMessage(await askUdp(portOf(plane), encodeQuery('example.com', 'TXT')));
    deepEqual(formatAnswer(message), {
      rcode: 'NOERROR',
      flags: 'rd ra',
      answers: ['example.com. 1 TXT "from outside"'],
    });
  }
});

test('slow answers do not hold up quick ones on the same connection', async () => {
  const slow = Promise.withResolvers<void>();
  await using outside = await Outside.start(slow.promise);
  await using plane = await applied({ upstreams: [outside.address] });
  const socket = connect({ port: portOf(plane), host: '127.0.0.1' });
  const order: number[] = [];
  const { promise: both, resolve } = Promise.withResolvers<void>();
  const reader = new FrameReader((octets) => {
    order.push(octets.readUInt16BE());
    if (order.length === 1) slow.resolve();
    else resolve();
  });
  socket.on('data', (chunk) => reader.push(chunk));
  const first = encodeQuery('example.com', 'TXT');
  first.writeUInt16BE(1);
  const second = encodeQuery(web, 'A');
  second.writeUInt16BE(2);
  socket.write(Buffer.concat([frame(first), frame(second)]));
  await both;
  deepEqual(order, [2, 1]);
  socket.destroy();
});

test('a port that is taken is a problem; the other address serves, and the next table tries again', async () => {
  await using taken = createServer().listen(0, '127.0.0.2');
  await once(taken, 'listening');
  const address = taken.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  await using plane = planeWith({
    listen: [
      { host: '127.0.0.2', port },
      { host: '127.0.0.3', port: 0 },
    ],
  });
  const compiler = new ZoneCompiler();
  const step = (clusterIP: string) => {
    const { table, diff } = compiler.update(
      {
        bundles: { upserted: [bundle('shop/web', { clusterIP })], removed: [] },
        namespaces: { upserted: [], removed: [] },
      },
      1,
    );
    return plane.apply(table, diff);
  };
  const report = await step('10.96.0.1');
  deepEqual(
    report.problems.map(({ reason }) => reason),
    ['PortInUse'],
  );
  deepEqual([...new Set(plane.addresses().map(({ host }) => host))], ['127.0.0.3']);
  taken.close();
  await once(taken, 'close');
  deepEqual((await step('10.96.0.2')).problems, []);
  equal(plane.addresses().length, 4);
});

test('drain answers what is under way and then lets go of the address', async () => {
  const slow = Promise.withResolvers<void>();
  await using outside = await Outside.start(slow.promise);
  await using plane = await applied({ upstreams: [outside.address] });
  const reply = askUdp(portOf(plane), encodeQuery('example.com', 'TXT'));
  await outside.asked;
  const drained = plane.drain(10_000);
  slow.resolve();
  equal(decodeMessage(await reply).answers.length, 1);
  await drained;
  deepEqual(plane.addresses(), []);
});

test('two workers share one address', async () => {
  await using first = await applied({ reusePort: true });
  await using second = await applied({
    reusePort: true,
    listen: [{ host: '127.0.0.1', port: portOf(first) }],
  });
  equal(portOf(second), portOf(first));
});

test('a connection that asks nothing is closed: 3 s before the first octet, 10 s after', async () => {
  const clock = new FakeClock();
  await using plane = await applied({ clock });
  const silent = connect({ port: portOf(plane), host: '127.0.0.1' });
  const asking = connect({ port: portOf(plane), host: '127.0.0.1' });
  asking.write(frame(encodeQuery(web, 'A')));
  await once(asking, 'data');
  // Both are accepted by now, as connections are in order.
  clock.advance(3000);
  await once(silent.resume(), 'close');
  equal(asking.destroyed, false);
  clock.advance(7000);
  await once(asking.resume(), 'close');
});

test('disposing ends queries under way', async () => {
  await using outside = await Outside.start(new Promise(() => {}));
  const plane = await applied({ upstreams: [outside.address] });
  const asking = askTcp(portOf(plane), [frame(encodeQuery('example.com', 'TXT'))]);
  await outside.asked;
  await plane[Symbol.asyncDispose]();
  deepEqual(await asking, []);
});
