import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { dig, get } from './ask.ts';
import { ingressManifest, serviceManifest, startBackends } from './backend.ts';
import { eventually, ManifestFolder, runPortolan, startDaemon } from './harness.ts';

const host = 'shop.localhost';

interface View {
  readonly columns: readonly { readonly name: string }[];
  readonly rows: readonly (readonly string[])[];
}

function column(view: View, name: string, row: number = 0): string {
  return view.rows[row]?.[view.columns.findIndex((one) => one.name === name)] ?? '';
}

test('manifests in: a ClusterIP, names and a route serve', async (context) => {
  const backends = await startBackends(context, 'one', 'two');
  const folder = new ManifestFolder(context);
  folder.write('web.yaml', serviceManifest('web', backends));
  folder.write('ingress.yaml', ingressManifest('shop', [[host, '/', 'web']]));
  const daemon = await startDaemon(context, folder);

  const names = new Set<string>();
  for (let i = 0; i < 20; i += 1) names.add((await get(daemon.port('http'), host)).body);
  deepEqual([...names].toSorted(), ['one', 'two'], 'L7 reaches both endpoints');

  const view = (await daemon.admin('/debug/view/services?namespace=default')) as View;
  const clusterIP = column(view, 'CLUSTER-IP');
  const answer = await get(80, 'anything', '/', { address: clusterIP });
  match(answer.body, /^(one|two)$/, 'the ClusterIP answers');

  const zone = 'default.svc.cluster.local';
  const a = await dig(daemon.port('dns'), `web.${zone}`, 'A');
  deepEqual(
    a.answers.map((one) => one.type === 'A' && one.data),
    [clusterIP],
  );
  const srv = await dig(daemon.port('dns'), `_http._tcp.web.${zone}`, 'SRV');
  deepEqual(
    srv.answers.map((one) => one.type === 'SRV' && [one.data.port, one.data.target]),
    [[80, `web.${zone}`]],
  );
  equal((await dig(daemon.port('dns'), `absent.${zone}`, 'A')).rcode, 'NXDOMAIN');
  equal((await get(daemon.port('http'), 'unknown.localhost')).status, 404);
});

test('an endpoint that fails its check leaves L4, L7 and DNS; and comes back', async (context) => {
  const [one, two] = await startBackends(context, 'one', 'two');
  ok(one && two);
  const check = {
    'portolan.dev/health-check': 'http',
    'portolan.dev/health-check-path': '/healthz',
    'portolan.dev/health-check-interval': '100ms',
    'portolan.dev/health-check-failure-threshold': '1',
  };
  const folder = new ManifestFolder(context);
  folder.write('web.yaml', serviceManifest('web', [one, two], check));
  folder.write('pods.yaml', serviceManifest('pods', [one, two], check, '  clusterIP: None\n'));
  folder.write('ingress.yaml', ingressManifest('shop', [[host, '/', 'web']]));
  const daemon = await startDaemon(context, folder);
  const view = (await daemon.admin('/debug/view/services?namespace=default&name=web')) as View;
  const address = column(view, 'CLUSTER-IP');

  /** Who answers on each plane; DNS by the ports of the endpoints, which differ. */
  const serving = async (): Promise<readonly string[][]> => {
    const l4 = new Set<string>();
    const l7 = new Set<string>();
    for (let i = 0; i < 16; i += 1) {
      l4.add((await get(80, 'x', '/', { address })).body);
      l7.add((await get(daemon.port('http'), host)).body);
    }
    const srv = await dig(daemon.port('dns'), '_http._tcp.pods.default.svc.cluster.local', 'SRV');
    const ports = srv.answers.map((rr) => (rr.type === 'SRV' ? rr.data.port : 0));
    const named = ports.map((port) => (port === one.port ? 'one' : 'two'));
    return [[...l4].toSorted(), [...l7].toSorted(), named.toSorted()];
  };
  const both = ['one', 'two'];
  await eventually(async () => deepEqual(await serving(), [both, both, both]));
  two.healthy = false;
  await eventually(async () => deepEqual(await serving(), [['one'], ['one'], ['one']]));
  two.healthy = true;
  await eventually(async () => deepEqual(await serving(), [both, both, both]));
});

test('a change of a rule is followed; a broken one is reported and not', async (context) => {
  const [one, two] = await startBackends(context, 'one', 'two');
  ok(one && two);
  const folder = new ManifestFolder(context);
  folder.write('one.yaml', serviceManifest('first', [one]));
  folder.write('two.yaml', serviceManifest('second', [two]));
  folder.write('ingress.yaml', ingressManifest('shop', [[host, '/', 'first']]));
  const daemon = await startDaemon(context, folder);
  const body = async (): Promise<string> => (await get(daemon.port('http'), host)).body;
  equal(await body(), 'one');

  folder.write('ingress.yaml', ingressManifest('shop', [[host, '/', 'second']]));
  await eventually(async () => equal(await body(), 'two'));

  const broken = ingressManifest('shop', [[host, '/', 'first']]).replace(
    'pathType: Prefix',
    'pathType: 7',
  );
  folder.write('ingress.yaml', broken);
  const line = broken.split('\n').findIndex((text) => text.includes('pathType')) + 1;
  const problem = await eventually(async () => {
    const problems = (await daemon.admin('/debug/view/problems')) as View;
    const rows = problems.rows.filter((row) => row.some((cell) => cell.includes('pathType')));
    equal(rows.length, 1);
    return rows[0]?.join(' ') ?? '';
  });
  match(problem, new RegExp(`ingress\\.yaml:${line}:\\d+`), 'names file, line and column');
  equal(await body(), 'two', 'the last good version serves');

  folder.write('ingress.yaml', ingressManifest('shop', [[host, '/', 'first']]));
  await eventually(async () => equal(await body(), 'one'));
  const after = (await daemon.admin('/debug/view/problems')) as View;
  deepEqual(
    after.rows.filter((row) => row.join().includes('pathType')),
    [],
  );
});

test('a worker that is killed is replaced, and its siblings serve meanwhile', async (context) => {
  const backends = await startBackends(context, 'one');
  const folder = new ManifestFolder(context);
  folder.write('web.yaml', serviceManifest('web', backends));
  folder.write('ingress.yaml', ingressManifest('shop', [[host, '/', 'web']]));
  const daemon = await startDaemon(context, folder);
  interface Applied {
    workers: { id: number; pid: number; applied: Record<string, number> }[];
  }
  const before = (await daemon.admin('/debug/applied')) as Applied;
  const victim = before.workers[0];
  ok(victim);
  process.kill(victim.pid, 'SIGKILL');
  // The kernel sends new connections to whoever listens: never an error for them.
  for (let i = 0; i < 50; i += 1) {
    const answer = await get(daemon.port('http'), host).catch((error: Error) => error.message);
    // One that the dead worker had accepted already is its own to lose.
    ok(typeof answer === 'string' ? /ECONNRESET|hang up/.test(answer) : answer.body === 'one');
  }
  await eventually(async () => {
    const { workers } = (await daemon.admin('/debug/applied')) as Applied;
    equal(workers.length, 2);
    ok(workers.every(({ pid }) => pid !== victim.pid));
    ok(workers.every(({ applied }) => (applied['ingress'] ?? 0) > 0));
  });
});

test('SIGTERM: requests under way finish, then exit 0', async (context) => {
  const [slow] = await startBackends(context, 'slow');
  ok(slow);
  let finish = (): void => {};
  const arrived = new Promise<void>((resolve) => {
    slow.server.removeAllListeners('request');
    slow.server.on('request', (_request, response) => {
      finish = () => response.end('finished');
      resolve();
    });
  });
  const folder = new ManifestFolder(context);
  folder.write('web.yaml', serviceManifest('web', [slow]));
  folder.write('ingress.yaml', ingressManifest('shop', [[host, '/', 'web']]));
  const daemon = await startDaemon(context, folder);
  const answer = get(daemon.port('http'), host);
  await arrived;
  daemon.signal('SIGTERM');
  await eventually(async () => {
    const refused = await new Promise<boolean>((resolve) => {
      const socket = connect(daemon.port('http'), '127.0.0.1');
      socket.once('error', () => resolve(true));
      socket.once('connect', () => {
        socket.destroy();
        resolve(false);
      });
    });
    ok(refused, 'nobody listens any more');
  });
  finish();
  equal((await answer).body, 'finished');
  equal(await daemon.ended(), 0);
});

test('probes: alive, ready, measured', async (context) => {
  const folder = new ManifestFolder(context);
  folder.write('web.yaml', serviceManifest('web', []));
  const daemon = await startDaemon(context, folder);
  equal(await daemon.admin('/livez'), 'ok\n');
  equal(await daemon.admin('/healthz'), 'ok\n');
  equal(await daemon.admin('/readyz'), 'ok\n');
  const metrics = String(await daemon.admin('/metrics'));
  match(metrics, /^portolan_workers 2$/m);
  match(metrics, /^portolan_table_propagation_seconds_count\{plane="l4"\} 1$/m);
  const tables = (await daemon.admin('/debug/tables')) as { services: { ports: object } };
  deepEqual(Object.keys(tables.services.ports), ['default/web:http/TCP/IPv4']);
});

test('a second daemon on the same addresses is refused, and says so', async (context) => {
  const folder = new ManifestFolder(context);
  folder.write('web.yaml', serviceManifest('web', []));
  const daemon = await startDaemon(context, folder);
  const taken = daemon.addresses['http'] ?? '';
  const args = ['up', '-f', folder.path, '--data-dir', `${folder.path}/data`, '--admin', 'off'];
  args.push('--api', 'off');
  const other = await runPortolan([...args, '--ingress-http', taken]);
  equal(other.status, 1);
  match(other.stderr, new RegExp(`--ingress-http ${taken} \\(tcp\\): another process listens`));
  equal(other.stdout, '');
});
