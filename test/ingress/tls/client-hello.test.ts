import { deepEqual, equal } from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { connect, type ConnectionOptions } from 'node:tls';
import * as fc from 'fast-check';
import { readClientHello } from '../../../ingress/tls/client-hello.ts';

/** What node's own client sends first. */
async function helloOf(options: ConnectionOptions): Promise<Buffer> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const client = connect({ host: '127.0.0.1', port, ...options });
  client.on('error', () => {});
  const [socket] = await once(server, 'connection');
  const [bytes] = await once(socket, 'data');
  client.destroy();
  socket.destroy();
  server.close();
  return bytes;
}

const cases: readonly (readonly [string, ConnectionOptions, string | undefined])[] = [
  ['TLS 1.3', { servername: 'App.test' }, 'app.test'],
  ['TLS 1.2', { servername: 'app.test', maxVersion: 'TLSv1.2' }, 'app.test'],
  ['with ALPN', { servername: 'a.b.test', ALPNProtocols: ['h2', 'http/1.1'] }, 'a.b.test'],
  ['without a name', {}, undefined],
];
for (const [what, options, serverName] of cases) {
  test(`${what}: the name is read, however the hello is split`, async () => {
    const hello = await helloOf(options);
    for (let end = 0; end < hello.length; end += 1) {
      equal(readClientHello(hello.subarray(0, end)).kind, 'incomplete');
    }
    deepEqual(readClientHello(hello), { kind: 'hello', serverName });
  });
}

test('over several records', async () => {
  const hello = await helloOf({ servername: 'app.test' });
  const message = hello.subarray(5);
  const records = [message.subarray(0, 7), message.subarray(7, 90), message.subarray(90)];
  const split = records.flatMap((part) => {
    const header = Buffer.from([22, 3, 1, 0, 0]);
    header.writeUInt16BE(part.length, 3);
    return [header, part];
  });
  deepEqual(readClientHello(Buffer.concat(split)), { kind: 'hello', serverName: 'app.test' });
});

const garbage = [
  ['HTTP', Buffer.from('GET / HTTP/1.1\r\n')],
  ['another kind of record', Buffer.from('1503010002', 'hex')],
  ['an empty record', Buffer.from('1603010000', 'hex')],
  ['another message', Buffer.from('160301000402000000', 'hex')],
  ['a message too long', Buffer.from('160301000401ffffff', 'hex')],
] as const;
for (const [what, bytes] of garbage) {
  test(`no hello: ${what}`, () => equal(readClientHello(bytes).kind, 'invalid'));
}

test('a hello with any bytes broken is told or refused, and never thrown at', async () => {
  const hello = await helloOf({ servername: 'app.test' });
  fc.assert(
    fc.property(fc.nat(hello.length - 1), fc.nat(255), (at, value) => {
      const bytes = Buffer.from(hello);
      bytes[at] = value;
      equal(['hello', 'invalid', 'incomplete'].includes(readClientHello(bytes).kind), true);
    }),
    { numRuns: 500 },
  );
});
