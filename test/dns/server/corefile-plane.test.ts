import { deepEqual, equal, match, notEqual, ok } from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect as connectHttp2 } from 'node:http2';
import { request as requestHttps } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { seededRandom, silentLog, systemClock } from '../../../controller/base/index.ts';
import { createDnsPlane, type DnsPlane, type ZoneNeed } from '../../../dns/index.ts';
import { decodeMessage, frame, FrameReader, type Message } from '../../../dns/wire/index.ts';
import { FakeClock } from '../../fakes/clock.ts';
import { MemoryMeter } from '../../fakes/meter.ts';
import { ProblemBook } from '../../fakes/problems.ts';
import { encodeQuery } from '../server-without-sockets.ts';

const folder = mkdtempSync(join(tmpdir(), 'portolan-corefile-'));
after(() => rmSync(folder, { recursive: true }));
const path = join(folder, 'Corefile');

class Running implements AsyncDisposable {
  readonly meter: MemoryMeter = new MemoryMeter();
  readonly problems: ProblemBook = new ProblemBook();
  readonly clock: FakeClock = new FakeClock();
  readonly plane: DnsPlane;

  constructor(corefile: string, clock?: typeof systemClock, zoneNeeds?: ReadonlySet<ZoneNeed>) {
    writeFileSync(path, corefile);
    this.plane = createDnsPlane({
      listen: [{ host: '127.0.0.1', port: 0 }],
      corefile: path,
      log: silentLog,
      meter: this.meter,
      clock: clock ?? this.clock,
      random: seededRandom(1),
      problems: this.problems,
      ...(zoneNeeds && { zoneNeeds }),
    });
  }

  async apply(): Promise<this> {
    const table = {
      generation: 0,
      namespaces: new Set<string>(),
      services: new Map(),
      pods: new Map(),
      serial: 1,
    };
    await this.plane.apply(table, undefined);
    return this;
  }

  port(name: string): number {
    return this.plane.addresses().find((one) => one.name === name)?.port ?? 0;
  }

  async ask(): Promise<Message> {
    await using socket = createSocket('udp4');
    socket.send(encodeQuery('x.org', 'A'), this.port('dns'), '127.0.0.1');
    const [octets]: Buffer[] = await once(socket, 'message');
    return decodeMessage(octets ?? Buffer.alloc(0));
  }

  /** Lets the file be looked at again. */
  async reload(): Promise<void> {
    this.clock.advance(30_000);
    // The file system answers when it does; what follows waits for whatever was begun by then.
    await new Promise((resolve) => setTimeout(resolve, 100));
    await this.plane.apply(
      { generation: 0, namespaces: new Set(), services: new Map(), pods: new Map(), serial: 1 },
      undefined,
    );
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve(this.plane[Symbol.asyncDispose]());
  }
}

const chaosOf = (message: Message): number => message.additionals.length;

test('reload: a changed Corefile takes over on the same sockets; a broken one does not', async () => {
  await using running = await new Running('.:53 {\n reload 2s 0s\n whoami\n}').apply();
  const port = running.port('dns');
  equal(chaosOf(await running.ask()), 2);
  writeFileSync(path, '.:53 {\n reload 2s 0s\n any\n}');
  await running.reload();
  equal((await running.ask()).rcode, 5);
  equal(running.port('dns'), port);
  writeFileSync(path, '.:53 {\n frob\n}');
  await running.reload();
  equal((await running.ask()).rcode, 5);
  deepEqual(running.problems.reasons, ['BadCorefile']);
  match(running.problems.all[0]?.message ?? '', /:2:2: unknown directive "frob"/);
  equal(running.meter.values.get('coredns_reload_failed_total'), 1);
  // Tried once: it is not looked at again until it changes.
  await running.reload();
  equal(running.meter.values.get('coredns_reload_failed_total'), 1);
  writeFileSync(path, '.:53 {\n reload 2s 0s\n whoami\n}');
  await running.reload();
  equal(chaosOf(await running.ask()), 2);
  deepEqual(running.problems.reasons, []);
});

test('without reload the Corefile stays as it was', async () => {
  await using running = await new Running('.:53 {\n whoami\n}').apply();
  writeFileSync(path, '.:53 {\n any\n}');
  await running.reload();
  equal(chaosOf(await running.ask()), 2);
});

test('a Corefile that is broken at the start: nothing is served until it is mended', async () => {
  await using running = await new Running('nonsense {').apply();
  deepEqual(running.plane.addresses(), []);
  deepEqual(running.problems.reasons, ['BadCorefile']);
  writeFileSync(path, '.:53 {\n whoami\n}');
  await running.reload();
  equal(chaosOf(await running.ask()), 2);
});

test('no query is lost while the Corefile changes', async () => {
  await using running = await new Running('.:53 {\n reload 2s 0s\n whoami\n}').apply();
  await using socket = createSocket('udp4');
  const port = running.port('dns');
  const ids = new Set<number>();
  socket.on('message', (octets) => ids.add(octets.readUInt16BE()));
  for (let i = 0; i < 10; i += 1) {
    writeFileSync(path, `.:53 {\n reload 2s 0s\n ${i % 2 ? 'whoami' : 'any'}\n}`);
    for (let j = 0; j < 50; j += 1) {
      const query = encodeQuery('x.org', 'A');
      query.writeUInt16BE(i * 50 + j);
      socket.send(query, port, '127.0.0.1');
    }
    await running.reload();
  }
  for (let i = 0; i < 1000 && ids.size < 500; i += 1)
    await new Promise((resolve) => setImmediate(resolve));
  equal(ids.size, 500);
});

function certificate(): { cert: string; key: string } {
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  const command = 'openssl';
  execFileSync(
    command,
    [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-keyout',
      key,
      '-out',
      cert,
      '-days',
      '1',
      '-subj',
      '/CN=localhost',
      '-addext',
      'subjectAltName=IP:127.0.0.1',
    ],
    { stdio: 'ignore' },
  );
  return { cert, key };
}

test('tls:// answers pipelined queries, with ALPN dot', async () => {
  const { cert, key } = certificate();
  await using running = await new Running(
    `tls://.:53 {\n tls ${cert} ${key}\n whoami\n}`,
    systemClock,
  ).apply();
  const socket = connectTls({
    port: running.port('dns-tls'),
    host: '127.0.0.1',
    rejectUnauthorized: false,
    ALPNProtocols: ['dot'],
  });
  await once(socket, 'secureConnect');
  equal(socket.alpnProtocol, 'dot');
  const replies: Buffer[] = [];
  const frames = new FrameReader((octets) => replies.push(Buffer.from(octets)));
  socket.on('data', (chunk: Buffer) => frames.push(chunk));
  socket.end(Buffer.concat([frame(encodeQuery('a.org', 'A')), frame(encodeQuery('b.org', 'A'))]));
  await once(socket, 'close');
  deepEqual(
    replies.map((one) => decodeMessage(one).questions[0]?.name[0]),
    ['a', 'b'],
  );
});

test('https:// answers GET and POST over HTTP/1.1 and HTTP/2, and refuses the rest by status', async () => {
  const { cert, key } = certificate();
  await using running = await new Running(
    `https://.:53 {\n tls ${cert} ${key}\n whoami\n}`,
    systemClock,
  ).apply();
  const port = running.port('dns-https');
  const query = encodeQuery('x.org', 'A');
  const get = `/dns-query?dns=${query.toString('base64url')}`;
  const ask = async (
    method: string,
    target: string,
    body?: Buffer,
    type = 'application/dns-message',
  ): Promise<[number | undefined, Buffer]> => {
    const request = requestHttps({
      port,
      host: '127.0.0.1',
      method,
      path: target,
      rejectUnauthorized: false,
      headers: body ? { 'content-type': type } : {},
    });
    request.end(body);
    const [response] = await once(request, 'response');
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk);
    return [response.statusCode, Buffer.concat(chunks)];
  };
  for (const [method, target, body] of [
    ['GET', get, undefined],
    ['POST', '/dns-query', query],
  ] as const) {
    const [status, octets] = await ask(method, target, body);
    equal(status, 200);
    equal(decodeMessage(octets).additionals.length, 2);
  }
  equal((await ask('GET', '/other'))[0], 404);
  equal((await ask('GET', '/dns-query'))[0], 400);
  equal((await ask('PUT', '/dns-query', query))[0], 405);
  equal((await ask('POST', '/dns-query', query, 'text/plain'))[0], 415);
  equal((await ask('POST', '/dns-query', Buffer.alloc(70_000)))[0], 413);
  const session = connectHttp2(`https://127.0.0.1:${port}`, { rejectUnauthorized: false });
  const stream = session.request({ ':path': get });
  const [headers] = await once(stream, 'response');
  equal(headers[':status'], 200);
  equal(headers['cache-control'], 'max-age=0');
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  ok(decodeMessage(Buffer.concat(chunks)).response);
  session.close();
});

for (const method of ['GET', 'POST']) {
  test(`forward: tls, doh_method ${method}: https:// asks over HTTP/2 and checks the certificate`, async () => {
    const { cert, key } = certificate();
    await using upstream = await new Running(
      `https://.:53 {\n tls ${cert} ${key}\n whoami\n}`,
      systemClock,
    ).apply();
    const place = `https://127.0.0.1:${upstream.port('dns-https')}`;
    const forward = (options: string): string =>
      `.:53 {\n errors\n forward . ${place} {\n  doh_method ${method}\n  max_fails 0\n  ${options}\n }\n}`;
    await using running = await new Running(forward(`tls ${cert}`), systemClock).apply();
    equal((await running.ask()).additionals.length, 2);
    await using wary = await new Running(forward('tls'), systemClock).apply();
    equal((await wary.ask()).rcode, 2);
  });
}

test('forward: source_address, max_age and max_idle_conns over real sockets', async () => {
  await using upstream = await new Running('.:53 {\n whoami\n}', systemClock).apply();
  const forward = `forward . 127.0.0.1:${upstream.port('dns')}`;
  for (const transport of ['force_tcp', 'prefer_udp']) {
    await using running = await new Running(
      `.:53 {\n ${forward} {\n  ${transport}\n  source_address 127.0.0.9\n  max_age 1ms\n  max_idle_conns 1\n }\n}`,
      systemClock,
    ).apply();
    for (let i = 0; i < 2; i += 1) {
      const { data } = (await running.ask()).additionals[0] ?? {};
      deepEqual(data?.kind === 'Address' && [...data.octets], [127, 0, 0, 9]);
    }
  }
});

const admissions: readonly (readonly [clientAuth: string, shows: boolean, answered: boolean])[] = [
  ['nocert', false, true],
  ['request', false, true],
  ['require', false, false],
  ['require', true, true],
  ['verify_if_given', false, true],
  ['verify_if_given', true, true],
  ['require_and_verify', false, false],
  ['require_and_verify', true, true],
];
test('tls: client_auth says who may ask; maxtcpqueries how often', async () => {
  const { cert, key } = certificate();
  for (const [clientAuth, shows, answered] of admissions) {
    await using running = await new Running(
      `tls://.:53 {\n tls ${cert} ${key} ${cert} {\n  client_auth ${clientAuth}\n }\n timeouts {\n  maxtcpqueries 2\n }\n whoami\n}`,
      systemClock,
    ).apply();
    const own = shows ? { cert: readFileSync(cert), key: readFileSync(key) } : {};
    const socket = connectTls({
      port: running.port('dns-tls'),
      host: '127.0.0.1',
      rejectUnauthorized: false,
      ...own,
    });
    let replies = 0;
    const frames = new FrameReader(() => {
      replies += 1;
    });
    socket.on('data', (chunk: Buffer) => frames.push(chunk));
    socket.on('error', () => {});
    const query = frame(encodeQuery('a.org', 'A'));
    socket.write(Buffer.concat([query, query, query]));
    await new Promise((resolve) => socket.once('close', resolve));
    equal(replies, answered ? 2 : 0, `${clientAuth} ${shows}`);
  }
});

test('SIGHUP: a changed Corefile without a reload line takes over when told so', async () => {
  await using running = await new Running('.:53 {\n whoami\n}').apply();
  equal(chaosOf(await running.ask()), 2);
  writeFileSync(path, '.:53 {\n any\n}');
  await running.plane.reload();
  equal((await running.ask()).rcode, 5);
  writeFileSync(path, '.:53 {\n frob\n}');
  await running.plane.reload();
  equal((await running.ask()).rcode, 5);
  deepEqual(running.problems.reasons, ['BadCorefile']);
});

test('a reload that needs more of the table than is compiled is refused', async () => {
  await using running = await new Running('.:53 {\n whoami\n}', undefined, new Set()).apply();
  writeFileSync(path, '.:53 {\n kubernetes cluster.local {\n  pods verified\n }\n}');
  await running.plane.reload();
  equal(chaosOf(await running.ask()), 2);
  match(
    running.problems.all[0]?.message ?? '',
    /pods verified was not in the Corefile at the start/,
  );
});

test('tls: a renewed certificate is used; a broken one is not', async () => {
  const { cert, key } = certificate();
  const lines = (scheme: string): string => `${scheme}://.:53 {\n tls ${cert} ${key}\n whoami\n}`;
  for (const [scheme, listener] of [
    ['tls', 'dns-tls'],
    ['https', 'dns-https'],
  ] as const) {
    await using running = await new Running(lines(scheme)).apply();
    const shown = async (): Promise<string> => {
      const socket = connectTls({
        port: running.port(listener),
        host: '127.0.0.1',
        rejectUnauthorized: false,
      });
      await once(socket, 'secureConnect');
      const { fingerprint256 } = socket.getPeerCertificate();
      socket.destroy();
      return fingerprint256;
    };
    const first = await shown();
    writeFileSync(cert, 'broken');
    running.clock.advance(60_000);
    equal(await shown(), first);
    certificate();
    const deadlineMs = performance.now() + 20_000;
    while ((await shown()) === first && performance.now() < deadlineMs)
      running.clock.advance(60_000);
    notEqual(await shown(), first);
  }
});
