import { deepEqual, equal, notEqual, ok } from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import { suite, test } from 'node:test';
import type { Endpoint, ServicePort } from '../../../../proxy/compile/table.ts';
import { endpoint, freePort, loopbackAddress, servicePort, startLab, until } from './fixtures.ts';

const typeOf = (host: string): 'udp4' | 'udp6' => (isIPv6(host) ? 'udp6' : 'udp4');

interface UdpBackend extends AsyncDisposable {
  readonly endpoint: Endpoint;
  /** Ports that datagrams came from: one per session. */
  readonly sources: Set<number>;
}

/** Answers `name:payload`. */
async function startUdp(name: string, host = '127.0.0.1', port = 0): Promise<UdpBackend> {
  const socket = createSocket(typeOf(host));
  const sources = new Set<number>();
  socket.on('message', (payload, from) => {
    sources.add(from.port);
    socket.send(Buffer.concat([Buffer.from(`${name}:`), payload]), from.port, from.address);
  });
  socket.bind(port, host);
  await once(socket, 'listening');
  return {
    endpoint: endpoint(host, socket.address().port),
    sources,
    async [Symbol.asyncDispose]() {
      socket.close();
      await once(socket, 'close');
    },
  };
}

/** A client that remembers where answers came from. */
class UdpClient implements Disposable {
  readonly #socket: Socket;
  readonly #at: { readonly host: string; readonly port: number };

  constructor(at: { readonly host: string; readonly port: number }) {
    this.#at = at;
    this.#socket = createSocket(typeOf(at.host));
  }

  send(payload: Buffer | string): void {
    this.#socket.send(payload, this.#at.port, this.#at.host);
  }

  async next(): Promise<{ readonly payload: Buffer; readonly from: RemoteInfo }> {
    const [payload, from] = (await once(this.#socket, 'message')) as [Buffer, RemoteInfo];
    return { payload, from };
  }

  async ask(payload: Buffer | string): Promise<string> {
    const answer = this.next();
    this.send(payload);
    return (await answer).payload.toString();
  }

  [Symbol.dispose](): void {
    this.#socket.close();
  }
}

const udpPort = (fields: Partial<ServicePort>): ServicePort =>
  servicePort({ protocol: 'UDP', name: 'dns', ...fields });

suite('UDP', () => {
  for (const [family, host] of [
    ['IPv4', '127.0.0.1'],
    ['IPv6', '::1'],
  ] as const) {
    test(`${family}: answers come from the address that was asked`, async () => {
      await using backend = await startUdp('a', host);
      await using lab = startLab();
      const clusterIP = family === 'IPv6' ? '::1' : loopbackAddress();
      await lab.apply(udpPort({ family, clusterIP, clusterEndpoints: [backend.endpoint] }));
      const at = lab.listener();
      using client = new UdpClient(at);
      const answer = client.next();
      client.send('hello');
      const { payload, from } = await answer;
      equal(payload.toString(), 'a:hello');
      deepEqual([from.address, from.port], [at.host, at.port]);
    });
  }

  test('one session per client, counted as a connection', async () => {
    await using backend = await startUdp('a');
    await using lab = startLab();
    const clusterIP = loopbackAddress();
    await lab.apply(udpPort({ clusterIP, clusterEndpoints: [backend.endpoint] }));
    using one = new UdpClient(lab.listener());
    using two = new UdpClient(lab.listener());
    for (let i = 0; i < 3; i += 1) equal(await one.ask(`${i}`), `a:${i}`);
    equal(await two.ask('x'), 'a:x');
    equal(backend.sources.size, 2);
    const labels = 'family="IPv4",port="0",protocol="UDP",service="default/dns"';
    equal(lab.meter.values.get(`portolan_l4_connections_total{${labels}}`), 2);
    equal(lab.meter.values.get(`portolan_l4_received_bytes_total{${labels}}`), 4);
    equal(lab.meter.values.get(`portolan_l4_sent_bytes_total{${labels}}`), 12);
  });

  test('the largest datagram passes both ways', async () => {
    await using backend = await startUdp('');
    await using lab = startLab();
    const clusterIP = loopbackAddress();
    await lab.apply(udpPort({ clusterIP, clusterEndpoints: [backend.endpoint] }));
    using client = new UdpClient(lab.listener());
    // 65507 = 65535 - 20 (IPv4) - 8 (UDP); one byte less for the ':' in the answer.
    const payload = randomBytes(65_506);
    const answer = client.next();
    client.send(payload);
    deepEqual((await answer).payload, Buffer.concat([Buffer.from(':'), payload]));
  });

  test('a burst before the endpoint’s socket is ready is kept in order', async () => {
    await using backend = await startUdp('a');
    await using lab = startLab();
    const clusterIP = loopbackAddress();
    await lab.apply(udpPort({ clusterIP, clusterEndpoints: [backend.endpoint] }));
    using client = new UdpClient(lab.listener());
    const first = client.next();
    for (const payload of ['1', '2', '3']) client.send(payload);
    const answers = [await first, await client.next(), await client.next()];
    deepEqual(
      answers.map(({ payload }) => payload.toString()),
      ['a:1', 'a:2', 'a:3'],
    );
  });

  test('a session follows when its endpoint leaves the table', async () => {
    await using a = await startUdp('a');
    await using b = await startUdp('b');
    await using lab = startLab();
    const clusterIP = loopbackAddress();
    await lab.apply(udpPort({ clusterIP, clusterEndpoints: [a.endpoint] }));
    using client = new UdpClient(lab.listener());
    equal(await client.ask('1'), 'a:1');
    await lab.apply(udpPort({ clusterIP, clusterEndpoints: [b.endpoint] }));
    equal(await client.ask('2'), 'b:2');
  });

  test('a session stays where it is when other endpoints come and go', async () => {
    await using a = await startUdp('a');
    await using b = await startUdp('b');
    await using lab = startLab();
    const clusterIP = loopbackAddress();
    await lab.apply(udpPort({ clusterIP, clusterEndpoints: [a.endpoint] }));
    using client = new UdpClient(lab.listener());
    equal(await client.ask('1'), 'a:1');
    await lab.apply(udpPort({ clusterIP, clusterEndpoints: [a.endpoint, b.endpoint] }));
    for (let i = 0; i < 4; i += 1) equal(await client.ask('x'), 'a:x');
    equal(a.sources.size, 1);
  });

  test('a refusal moves the session to another endpoint', async () => {
    await using good = await startUdp('good');
    await using lab = startLab();
    const address = loopbackAddress();
    const dead = endpoint(address, await freePort(address));
    const clusterIP = loopbackAddress();
    // Weight 1000 to 1: the dead one is chosen first.
    const clusterEndpoints = [{ ...dead, weight: 1000 }, good.endpoint];
    const fields = { algorithm: 'weighted' as const, clusterEndpoints };
    await lab.apply(udpPort({ clusterIP, ...fields }));
    using client = new UdpClient(lab.listener());
    client.send('lost');
    const failures = (): number =>
      Number(lab.plane.activity()[0]?.endpoints.find((seen) => seen.failures > 0)?.failures);
    await until(() => failures() === 1);
    equal(await client.ask('found'), 'good:found');
  });

  test('an endpoint that refused is asked again when there is no other', async () => {
    await using lab = startLab();
    const address = loopbackAddress();
    const port = await freePort(address);
    const clusterEndpoints = [endpoint(address, port)];
    await lab.apply(udpPort({ clusterIP: loopbackAddress(), clusterEndpoints }));
    using client = new UdpClient(lab.listener());
    client.send('lost');
    await until(() => Number(lab.plane.activity()[0]?.endpoints[0]?.failures) > 0);
    await using _late = await startUdp('late', address, port);
    equal(await client.ask('found'), 'late:found');
  });

  test('sessions end after the idle timeout, used ones don’t', async () => {
    await using backend = await startUdp('a');
    await using lab = startLab({ timeouts: { udpIdleMs: 10_000 } });
    const clusterIP = loopbackAddress();
    await lab.apply(udpPort({ clusterIP, clusterEndpoints: [backend.endpoint] }));
    using idle = new UdpClient(lab.listener());
    using busy = new UdpClient(lab.listener());
    await idle.ask('x');
    await busy.ask('x');
    lab.clock.advance(6000);
    await busy.ask('x');
    lab.clock.advance(6000);
    equal(lab.plane.activity()[0]?.active, 1);
    equal(await idle.ask('back'), 'a:back');
    equal(backend.sources.size, 3);
  });

  test('over the limit the session idle for longest goes', async () => {
    await using backend = await startUdp('a');
    await using lab = startLab({ limits: { udpSessions: 2 } });
    const clusterIP = loopbackAddress();
    await lab.apply(udpPort({ clusterIP, clusterEndpoints: [backend.endpoint] }));
    using one = new UdpClient(lab.listener());
    using two = new UdpClient(lab.listener());
    using three = new UdpClient(lab.listener());
    await one.ask('x');
    await two.ask('x');
    await one.ask('x');
    await three.ask('x');
    equal(lab.plane.activity()[0]?.active, 2);
    equal(backend.sources.size, 3);
    await one.ask('x');
    equal(backend.sources.size, 3, 'the first client kept its session');
    await two.ask('x');
    equal(backend.sources.size, 4, 'the second lost it');
  });

  test('loadBalancerSourceRanges: others get silence and no session', async () => {
    await using backend = await startUdp('a');
    await using lab = startLab();
    const [balancer, cluster] = [loopbackAddress(), loopbackAddress()];
    await lab.apply(
      udpPort({
        clusterIP: cluster,
        loadBalancerIPs: [balancer],
        loadBalancerSourceRanges: ['192.0.2.0/24'],
        clusterEndpoints: [backend.endpoint],
      }),
    );
    using outside = new UdpClient(lab.listener(balancer));
    outside.send('x');
    const labels = 'family="IPv4",port="0",protocol="UDP",reason="outside-source-ranges"';
    const name = `portolan_l4_rejected_total{${labels},service="default/dns"}`;
    await until(() => lab.meter.values.get(name) === 1);
    using inside = new UdpClient(lab.listener(cluster));
    equal(await inside.ask('y'), 'a:y');
    equal(backend.sources.size, 1);
  });

  test('PortInUse for UDP', async () => {
    await using squatter = await startUdp('squatter', loopbackAddress());
    await using backend = await startUdp('a');
    await using lab = startLab();
    const { address, port } = squatter.endpoint;
    await lab.apply(udpPort({ clusterIP: address, port, clusterEndpoints: [backend.endpoint] }));
    deepEqual(lab.problems.reasons, ['PortInUse']);
    ok(lab.problems.all[0]?.instead?.includes('ss -lunp'));
  });

  test('two planes share an address with reusePort', async () => {
    await using backend = await startUdp('a');
    await using first = startLab({ reusePort: true });
    await using second = startLab({ reusePort: true });
    const clusterIP = loopbackAddress();
    const port = await freePort(clusterIP);
    const row = udpPort({ clusterIP, port, clusterEndpoints: [backend.endpoint] });
    await first.apply(row);
    await second.apply(row);
    deepEqual([...first.problems.reasons, ...second.problems.reasons], []);
    const clients = Array.from({ length: 32 }, () => new UdpClient({ host: clusterIP, port }));
    for (const client of clients) equal(await client.ask('x'), 'a:x');
    for (const lab of [first, second]) notEqual(lab.plane.activity()[0]?.active, 0);
    for (const client of clients) client[Symbol.dispose]();
  });
});
