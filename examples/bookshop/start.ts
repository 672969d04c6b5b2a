/**
 * `npm start`: the bookshop's backends as processes on loopback addresses, and the daemon on the
 * manifests beside this file. Prints lines to paste, then stays until Ctrl-C. Further arguments
 * go to `portolan up`.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const daemon = fileURLToPath(new URL('../../daemon/main.ts', import.meta.url));

/** The Pods of `manifests/`, with the addresses that their status gives there. */
const pods = [
  ['web-1', '127.10.1.1'],
  ['web-2', '127.10.1.2'],
  ['catalog-1', '127.10.2.1'],
  ['catalog-2', '127.10.2.2'],
  ['catalog-3', '127.10.2.3'],
  ['reviews-1', '127.10.3.1'],
  ['reviews-2', '127.10.3.2'],
] as const;
const podPort = 8000;

const children: ChildProcess[] = [];
let stopping = false;

function stop(status: number): void {
  if (stopping) return;
  stopping = true;
  process.exitCode = status;
  for (const child of children) child.kill('SIGTERM');
}

/** Rejects when somebody else holds the address already. */
async function assertFree(host: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(port, host, () => probe.close(() => resolve()));
  });
}

async function startBackends(): Promise<void> {
  for (const [name, address] of pods) {
    await assertFree(address, podPort);
    const backend = spawn(process.execPath, [`${here}backend.ts`, name, address, `${podPort}`], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    children.push(backend);
  }
}

interface Ready {
  readonly addresses: Readonly<Record<string, string>>;
}

/** Starts the daemon; resolves with its ready line. */
async function startDaemon(extra: readonly string[]): Promise<Ready> {
  const args = [daemon, 'up', '-f', `${here}manifests`, ...extra];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  child.once('exit', (code) => stop(code ?? 1));
  return await new Promise((resolve, reject) => {
    let text = '';
    child.stdout.on('data', (chunk) => {
      text += String(chunk);
      const end = text.indexOf('\n');
      if (end >= 0) resolve(JSON.parse(text.slice(0, end)) as Ready);
    });
    child.once('exit', () => reject(new Error('the daemon ended before it was ready')));
  });
}

interface ServicesView {
  readonly columns: readonly { readonly name: string }[];
  readonly rows: readonly (readonly string[])[];
}

/** The address that the daemon gave a Service. */
async function clusterIP(admin: string, service: string): Promise<string> {
  const answer = await fetch(`http://${admin}/debug/view/services?namespace=bookshop`);
  const view = (await answer.json()) as ServicesView;
  const column = view.columns.findIndex(({ name }) => name === 'CLUSTER-IP');
  return view.rows.find((row) => row.includes(service))?.[column] ?? '(not allocated)';
}

/** What the command must be told when the daemon is not where it looks by itself. */
function elsewhere(admin: string): string {
  return admin === '127.0.0.1:9900' ? '' : ` --admin ${admin}`;
}

async function main(): Promise<void> {
  await startBackends();
  const { addresses } = await startDaemon(process.argv.slice(2));
  const { http = '', https = '', dns = '', admin = '' } = addresses;
  const port = (address: string): string => address.slice(address.lastIndexOf(':') + 1);
  const dig = `dig @127.0.0.1 -p ${port(dns)} +noall +answer`;
  const zone = 'bookshop.svc.cluster.local';
  const shop = `bookshop.localhost`;
  const certificate = `${here}bookshop.crt`;
  console.log(`
The bookshop is open. In another terminal:

  # through the Ingress: HTTP, then HTTPS; then a path that another Service serves
  curl http://${shop}:${port(http)}/
  curl --cacert ${certificate} https://${shop}:${port(https)}/
  for i in 1 2 3 4 5 6 7 8 9 10; do curl -s http://${shop}:${port(http)}/api/catalog; done

  # through a ClusterIP
  curl http://${await clusterIP(admin, 'catalog')}:8080/

  # names: a Service, a headless Service, its ports, one Pod of it, an alias
  ${dig} catalog.${zone}
  ${dig} reviews.${zone}
  ${dig} SRV _http._tcp.reviews.${zone}
  ${dig} reviews-1.reviews.${zone}
  ${dig} shop.${zone}

  # what the daemon thinks
  npm run -s portolan -- get services -A${elsewhere(admin)}
  npm run -s portolan -- describe ingress bookshop -n bookshop${elsewhere(admin)}

Change a file below ${here}manifests and ask again. Ctrl-C ends it all.
`);
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop(0));
await main().catch((error: unknown) => {
  console.error(`bookshop: ${error instanceof Error ? error.message : String(error)}`);
  stop(1);
});
