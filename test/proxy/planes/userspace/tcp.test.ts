import { deepEqual, equal, ok } from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { suite, test } from 'node:test';
import {
  bothTransports,
  converse,
  dialClient,
  endOf,
  freePort,
  loopbackAddress,
  readAll,
  refusing,
  servicePort,
  startBackend,
  startEcho,
  startLab,
  startNamed,
  until,
} from './fixtures.ts';

for (const transport of bothTransports()) {
  suite(`TCP over ${transport.name}`, () => {
    test('bytes and FIN pass both ways', async () => {
      await using backend = await startEcho();
      await using lab = startLab({ transport });
      const clusterIP = loopbackAddress();
      await lab.apply(servicePort({ clusterIP, clusterEndpoints: [backend.endpoint] }));
      equal(await converse(lab.listener(), 'hello'), 'hello');
      await until(() => lab.plane.activity()[0]?.active === 0);
    });

    test('IPv6 loopback', async () => {
      await using backend = await startEcho({ host: '::1' });
      await using lab = startLab({ transport });
      const clusterEndpoints = [backend.endpoint];
      await lab.apply(servicePort({ family: 'IPv6', clusterIP: '::1', clusterEndpoints }));
      equal(await converse(lab.listener(), 'six'), 'six');
    });

    test('half-close: the answer follows after the client has sent FIN', async () => {
      await using backend = await startBackend((socket) => {
        const request = readAll(socket);
        void request.then((bytes) => socket.end(`got ${bytes.length}`));
      });
      await using lab = startLab({ transport });
      const clusterIP = loopbackAddress();
      await lab.apply(servicePort({ clusterIP, clusterEndpoints: [backend.endpoint] }));
      equal(await converse(lab.listener(), 'x'.repeat(1000)), 'got 1000');
    });

    test('half-close: the client may go on after the endpoint has sent FIN', async () => {
      let heard: Promise<Buffer> = Promise.resolve(Buffer.alloc(0));
      await using backend = await startBackend((socket) => {
        heard = readAll(socket);
        socket.end('done talking');
      });
      await using lab = startLab({ transport });
      const clusterIP = loopbackAddress();
      await lab.apply(servicePort({ clusterIP, clusterEndpoints: [backend.endpoint] }));
      const client = await dialClient(lab.listener());
      equal((await readAll(client)).toString(), 'done talking');
      client.end('still here');
      equal((await heard).toString(), 'still here');
    });

    test('1 MiB each way arrives whole at readers that start late', async () => {
      const sent = randomBytes(1 << 20);
      await using backend = await startBackend((socket) => {
        socket.write(sent);
        void readAll(socket).then((bytes) => socket.end(bytes));
      });
      await using lab = startLab({ transport });
      const clusterIP = loopbackAddress();
      await lab.apply(servicePort({ clusterIP, clusterEndpoints: [backend.endpoint] }));
      const client = await dialClient(lab.listener());
      client.end(sent);
      // Nothing is read until every buffer on the way is full.
      await once(client, 'finish');
      const received = await readAll(client);
      deepEqual(received, Buffer.concat([sent, sent]));
    });

    test('a reader that never reads stops the sender', async () => {
      let sender: Socket | undefined;
      await using backend = await startBackend((socket) => {
        sender = socket;
      });
      await using lab = startLab({ transport });
      const clusterIP = loopbackAddress();
      await lab.apply(servicePort({ clusterIP, clusterEndpoints: [backend.endpoint] }));
      const client = await dialClient(lab.listener());
      client.pause();
      await until(() => sender !== undefined);
      const chunk = Buffer.alloc(64 * 1024);
      let stalled = false;
      let offered = 0;
      // Kernel buffers on loopback hold a few MiB; a proxy that buffers without bound takes all.
      while (!stalled && offered < 256 << 20) {
        offered += chunk.length;
        if (sender?.write(chunk) === false) {
          const drained = once(sender, 'drain').then(() => 'drained');
          const turns = turnsOfTheLoop(2000).then(() => 'stalled');
          stalled = (await Promise.race([drained, turns])) === 'stalled';
        }
      }
      ok(stalled, 'the sender could send 256 MiB that nobody reads');
      client.destroy();
    });

    test('a refused endpoint is passed over for the next', async () => {
      await using good = await startNamed('good');
      await using lab = startLab({ transport });
      const clusterEndpoints = [await refusing(), good.endpoint];
      await lab.apply(servicePort({ clusterIP: loopbackAddress(), clusterEndpoints }));
      for (let i = 0; i < 4; i += 1) equal(await converse(lab.listener()), 'good');
      const seen = lab.plane.activity()[0]?.endpoints ?? [];
      const [refused, served] = [...seen].toSorted((a, b) => b.failures - a.failures);
      ok(refused && refused.failures >= 2, 'round robin asks it again and again');
      deepEqual([served?.failures, served?.total], [0, 4]);
    });

    test('all endpoints refuse: RST', async () => {
      await using lab = startLab({ transport });
      const clusterEndpoints = [await refusing(), await refusing()];
      await lab.apply(servicePort({ clusterIP: loopbackAddress(), clusterEndpoints }));
      equal(await converse(lab.listener()), 'ECONNRESET');
    });

    test('RST of the endpoint reaches the client', async () => {
      await using backend = await startBackend((socket) => {
        socket.on('data', () => socket.resetAndDestroy());
      });
      await using lab = startLab({ transport });
      const clusterIP = loopbackAddress();
      await lab.apply(servicePort({ clusterIP, clusterEndpoints: [backend.endpoint] }));
      const client = await dialClient(lab.listener());
      client.write('x');
      equal(await endOf(client), 'ECONNRESET');
    });

    test('RST of the client reaches the endpoint', async () => {
      await using backend = await startBackend((socket) => socket.write('hello'));
      await using lab = startLab({ transport });
      const clusterIP = loopbackAddress();
      await lab.apply(servicePort({ clusterIP, clusterEndpoints: [backend.endpoint] }));
      const client = await dialClient(lab.listener());
      await once(client, 'data');
      const [accepted] = backend.accepted;
      ok(accepted);
      const end = endOf(accepted);
      client.resetAndDestroy();
      equal(await end, 'ECONNRESET');
    });

    test('without endpoints the port is closed, and opens when some come', async () => {
      await using backend = await startNamed('back');
      await using lab = startLab({ transport });
      const clusterIP = loopbackAddress();
      const port = await freePort(clusterIP);
      const at = { host: clusterIP, port };
      const full = servicePort({ clusterIP, port, clusterEndpoints: [backend.endpoint] });
      await lab.apply(servicePort({ clusterIP, port }));
      equal(await converse(at), 'ECONNREFUSED');
      await lab.apply(full);
      equal(await converse(at), 'back');
      await lab.apply(servicePort({ clusterIP, port }));
      equal(await converse(at), 'ECONNREFUSED');
    });

    test('a removed endpoint keeps its connections and gets no new ones', async () => {
      await using old = await startEcho();
      await using fresh = await startNamed('fresh');
      await using lab = startLab({ transport });
      const clusterIP = loopbackAddress();
      await lab.apply(servicePort({ clusterIP, clusterEndpoints: [old.endpoint] }));
      const client = await dialClient(lab.listener());
      client.write('before ');
      await once(client, 'data');
      await lab.apply(servicePort({ clusterIP, clusterEndpoints: [fresh.endpoint] }));
      equal(await converse(lab.listener()), 'fresh');
      client.end('after');
      equal((await readAll(client)).toString(), 'after');
    });

    test('a removed Service closes its port and keeps its connections', async () => {
      await using backend = await startEcho();
      await using lab = startLab({ transport });
      const clusterIP = loopbackAddress();
      await lab.apply(servicePort({ clusterIP, clusterEndpoints: [backend.endpoint] }));
      const at = lab.listener();
      const client = await dialClient(at);
      client.write('x');
      await once(client, 'data');
      await lab.apply();
      equal(await converse(at), 'ECONNREFUSED');
      client.end('y');
      equal((await readAll(client)).toString(), 'y');
      await until(() => lab.meter.values.size === 0);
    });

    test('bytes sent before the endpoint answers are kept', async () => {
      await using backend = await startEcho();
      await using lab = startLab({ transport });
      const clusterEndpoints = [await refusing(), await refusing(), backend.endpoint];
      await lab.apply(servicePort({ clusterIP: loopbackAddress(), clusterEndpoints }));
      const early = 'early '.repeat(1000);
      equal(await converse(lab.listener(), early), early);
    });

    test('meter: connections, bytes and failures by Service', async () => {
      await using backend = await startEcho();
      await using lab = startLab({ transport });
      const clusterEndpoints = [await refusing(), backend.endpoint];
      await lab.apply(servicePort({ clusterIP: loopbackAddress(), clusterEndpoints }));
      // Round robin: one of two in a row begins with the endpoint that refuses.
      equal(await converse(lab.listener(), 'four'), 'four');
      equal(await converse(lab.listener(), 'four'), 'four');
      await until(() => lab.plane.activity()[0]?.active === 0);
      const labels = 'family="IPv4",port="0",protocol="TCP",service="default/web"';
      const value = (name: string): number | undefined =>
        lab.meter.values.get(`portolan_l4_${name}{${labels}}`);
      equal(value('connections_total'), 2);
      equal(value('connections_active'), 0);
      equal(value('received_bytes_total'), 8);
      equal(value('sent_bytes_total'), 8);
      ok(Number(value('connect_failures_total')) >= 1);
      equal(value('connect_retries_total'), value('connect_failures_total'));
    });
  });
}

async function turnsOfTheLoop(turns: number): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}
