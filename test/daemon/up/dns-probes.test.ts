import { deepEqual, equal } from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { silentLog } from '../../../controller/base/index.ts';
import { plainText } from '../../../daemon/admin/server.ts';
import { type DnsProbeOptions, startDnsProbes } from '../../../daemon/up/dns-probes.ts';

const options = (port: number, more: Partial<DnsProbeOptions> = {}): DnsProbeOptions => ({
  probes: {
    health: [{ host: undefined, port }],
    ready: [{ host: '127.0.0.1', port }],
    prometheus: [],
    lameduckMs: 0,
  },
  host: '127.0.0.1',
  taken: [],
  routes: [{ path: '/readyz', handle: () => plainText(503, 'not yet') }],
  log: silentLog,
  ...more,
});

/** One that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address ? address.port : 0;
}

test('health and ready share an address; ready asks what /readyz answers', async () => {
  const port = await freePort();
  const { servers, problems } = await startDnsProbes(options(port));
  await using stack = new AsyncDisposableStack();
  for (const server of servers) stack.use(server);
  deepEqual(problems, []);
  equal(servers.length, 1);
  const health = await fetch(`http://127.0.0.1:${port}/health`);
  equal(`${health.status} ${await health.text()}`, '200 OK');
  equal((await fetch(`http://127.0.0.1:${port}/ready`)).status, 503);
});

test('an address that another part uses is left to it, with a problem', async () => {
  const port = await freePort();
  const taken = [{ host: '127.0.0.1', port }];
  const { servers, problems } = await startDnsProbes(options(port, { taken }));
  equal(servers.length, 0);
  deepEqual(
    problems.map(({ reason }) => reason),
    ['PortInUse'],
  );
});
