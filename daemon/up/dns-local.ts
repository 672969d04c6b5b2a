import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { isIP } from 'node:net';
import { execa } from 'execa';
import { DataPlaneError, describeError } from '../../controller/base/index.ts';

const link = 'portolan-dns';
const table = 'portolan_dns';

/**
 * Keeps the commands that it is given until its input ends, which is when the daemon does, however
 * it ends; then runs them, the last one first.
 */
const guardScript = `undo=:; while IFS= read -r line; do undo="$line; $undo"; done; eval "$undo"`;

/**
 * Holds the addresses of a node-local DNS cache, on an interface of their own if need be, and takes their
 * packets out of connection tracking: no entry for each query, no translation of the cluster's DNS
 * address to a server elsewhere, and so no race between the two queries that glibc sends at once.
 * Both go when it is disposed, and also when the process is killed: rules that outlive the listener
 * would leave every Pod of the node without DNS.
 * @throws DataPlaneError `DnsAddressesRefused`
 */
export async function holdDnsAddresses(
  addresses: readonly string[],
  port: number,
): Promise<AsyncDisposable> {
  // Detached: Ctrl-C reaches the daemon first.
  const guard = spawn('sh', ['-c', guardScript], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  const gone = once(guard, 'exit');
  const release = async (): Promise<void> => {
    guard.stdin.end();
    await gone;
  };
  const undoLater = (command: string): void => void guard.stdin.write(`${command}\n`);
  try {
    const device = await makeLink(undoLater);
    for (const address of addresses) await holdAddress(address, device, undoLater);
    undoLater(`nft delete table inet ${table}`);
    await execa('nft', ['-f', '-'], { input: dnsLocalRules(addresses, port) });
  } catch (error) {
    await release();
    throw refused(error);
  }
  return { [Symbol.asyncDispose]: release };
}

/** An interface of our own; where the kernel has no such kind, the loopback one does as well. */
async function makeLink(undoLater: (command: string) => void): Promise<string> {
  const known = await execa('ip', ['link', 'show', link], { reject: false });
  if (known.exitCode !== 0) {
    const made = await execa('ip', ['link', 'add', link, 'type', 'dummy'], { reject: false });
    if (made.exitCode !== 0) return 'lo';
  }
  undoLater(`ip link delete ${link}`);
  await execa('ip', ['link', 'set', link, 'up']);
  return link;
}

async function holdAddress(
  address: string,
  device: string,
  undoLater: (command: string) => void,
): Promise<void> {
  const isV6 = isIP(address) === 6;
  const prefix = `${address}/${isV6 ? 128 : 32}`;
  const { stdout } = await execa('ip', ['-oneline', 'address', 'show', 'to', prefix]);
  // Somebody gave it to this machine already, and may go on needing it.
  if (stdout.trim() !== '') return;
  undoLater(`ip address delete ${prefix} dev ${device}`);
  // Nobody else on such a link could have the address: it need not be looked for.
  const more = isV6 ? ['nodad'] : [];
  await execa('ip', ['address', 'add', prefix, 'dev', device, ...more]);
}

/** The rules as `nft -f` takes them; they replace what was there in one step. */
export function dnsLocalRules(addresses: readonly string[], port: number): string {
  const families = (['ip', 'ip6'] as const).flatMap((family) => {
    const own = addresses.filter((one) => (isIP(one) === 6) === (family === 'ip6'));
    return own.length === 0 ? [] : [{ family, set: `{ ${own.join(', ')} }` }];
  });
  const queries = families.map(
    ({ family, set }) =>
      `    ${family} daddr ${set} meta l4proto { tcp, udp } th dport ${port} notrack`,
  );
  const replies = families.map(
    ({ family, set }) =>
      `    ${family} saddr ${set} meta l4proto { tcp, udp } th sport ${port} notrack`,
  );
  return `table inet ${table}
delete table inet ${table}
table inet ${table} {
  chain prerouting {
    type filter hook prerouting priority raw; policy accept;
${[...queries, ...replies].join('\n')}
  }
  chain output {
    type filter hook output priority raw; policy accept;
${[...queries, ...replies].join('\n')}
  }
}
`;
}

/** Removes what a daemon whose guard was killed too has left. Says what it did. */
export async function cleanDnsAddresses(): Promise<string> {
  const options = { reject: false } as const;
  const found = await Promise.all([
    execa('nft', ['delete', 'table', 'inet', table], options),
    execa('ip', ['link', 'delete', link], options),
  ]);
  return found.some(({ exitCode }) => exitCode === 0)
    ? 'dns: removed its interface and rules'
    : 'dns: nothing of Portolan is left';
}

function refused(cause: unknown): DataPlaneError {
  const why = describeError(cause).split('\n')[0] ?? '';
  const message = `--dns-local: the addresses can't be held, which takes root, ip and nft: ${why}`;
  return new DataPlaneError('DnsAddressesRefused', message, false, { cause });
}
