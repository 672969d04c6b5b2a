import { rejects } from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { test } from 'node:test';
import { probeAddresses } from '../../../daemon/up/address-probe.ts';

const shared = (port: number, transport: 'tcp' | 'udp', host = '127.0.0.1') => ({
  flag: '--dns',
  address: { host, port },
  transports: [transport],
});

test('a listener with SO_REUSEPORT is found too', async (context) => {
  const server = createServer();
  server.listen({ host: '127.0.0.1', port: 0, reusePort: true });
  await once(server, 'listening');
  context.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  await rejects(probeAddresses([shared(port, 'tcp')]), {
    code: 'AddressInUse',
    message: `--dns 127.0.0.1:${port} (tcp): another process listens there; stop it, choose another address, or turn the part off with --dns off`,
  });
});

test('a UDP socket with SO_REUSEPORT is found too', async (context) => {
  const socket = createSocket({ type: 'udp4', reusePort: true });
  socket.bind({ address: '127.0.0.1', port: 0 });
  await once(socket, 'listening');
  context.after(() => socket.close());
  await rejects(probeAddresses([shared(socket.address().port, 'udp')]), { code: 'AddressInUse' });
});

test('an address that this machine does not have', async () => {
  await rejects(probeAddresses([shared(8080, 'tcp', '192.0.2.1')]), {
    code: 'CannotListen',
    message: '--dns 192.0.2.1:8080 (tcp): this machine has no such address',
  });
});

test('free addresses pass and stay free, port 0 is not tried', async () => {
  const server = createServer();
  server.listen({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  const addresses = [shared(port, 'tcp'), shared(port, 'udp'), shared(0, 'tcp')];
  await probeAddresses(addresses);
  await probeAddresses(addresses);
});
