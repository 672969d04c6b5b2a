import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { DataPlaneError } from '../../controller/base/index.ts';
import { formatHostPort, type HostPort } from '../config/index.ts';

/** An address that workers will share, and the flag that chose it. */
export interface SharedAddress {
  readonly flag: string;
  readonly address: HostPort;
  readonly transports: readonly ('tcp' | 'udp')[];
}

/**
 * Makes sure that nobody listens on an address yet. Workers bind with SO_REUSEPORT, and to that
 * the kernel would let them join another daemon of the same user without a word: each would get
 * half the traffic.
 * @throws DataPlaneError `AddressInUse`, `CannotListen`
 */
export async function probeAddresses(addresses: readonly SharedAddress[]): Promise<void> {
  for (const { flag, address, transports } of addresses) {
    if (address.port === 0) continue;
    for (const transport of transports) {
      await (transport === 'tcp' ? bindTcp(address) : bindUdp(address)).catch(
        (cause: NodeJS.ErrnoException) => {
          throw refused(flag, address, transport, cause);
        },
      );
    }
  }
}

async function bindTcp({ host, port }: HostPort): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ host, port }, () => server.close(() => resolve()));
  });
}

async function bindUdp({ host, port }: HostPort): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
    socket.once('error', (error) => {
      socket.close();
      reject(error);
    });
    socket.bind({ address: host, port, exclusive: true }, () => socket.close(() => resolve()));
  });
}

function refused(
  flag: string,
  address: HostPort,
  transport: string,
  cause: NodeJS.ErrnoException,
): DataPlaneError {
  const where = `${flag} ${formatHostPort(address)} (${transport})`;
  const code = cause.code === 'EADDRINUSE' ? 'AddressInUse' : 'CannotListen';
  const why = reasons[cause.code ?? ''] ?? cause.message;
  return new DataPlaneError(code, `${where}: ${why.replace('FLAG', flag)}`, false, { cause });
}

/** What to say of the errors of bind(2) that users meet. */
const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE:
    'another process listens there; stop it, choose another address, or turn the part off with FLAG off',
  EACCES:
    'ports below 1024 need root, CAP_NET_BIND_SERVICE, or a lower net.ipv4.ip_unprivileged_port_start',
  EADDRNOTAVAIL: 'this machine has no such address',
};
