import { deepEqual, equal, match } from 'node:assert/strict';
import { once } from 'node:events';
import { join } from 'node:path';
import { test } from 'node:test';
import { get } from './ask.ts';
import { ingressManifest, serviceManifest, startBackends } from './backend.ts';
import { eventually, ManifestFolder, spawnDaemon, startDaemon } from './harness.ts';

const host = 'shop.localhost';

const configuration = (lines: string): string =>
  `apiVersion: config.portolan.dev/v1alpha1\nkind: PortolanConfiguration\n${lines}`;

test('SIGHUP: what can change does, what cannot is said, a broken file changes nothing', async (context) => {
  const backends = await startBackends(context, 'one');
  const folder = new ManifestFolder(context);
  const settings = new ManifestFolder(context);
  folder.write('web.yaml', serviceManifest('web', backends));
  folder.write('ingress.yaml', ingressManifest('shop', [[host, '/', 'web']]));
  settings.write('portolan.yaml', configuration('clusterDomain: cluster.local\n'));
  const file = join(settings.path, 'portolan.yaml');
  const daemon = await startDaemon(context, folder, ['--config', file]);
  const reasons = async (): Promise<readonly string[]> => {
    const { rows } = (await daemon.admin('/debug/view/problems')) as { rows: string[][] };
    return rows.map((row) => row[1] ?? '');
  };
  const messages = async (): Promise<string> =>
    JSON.stringify(await daemon.admin('/debug/view/problems'));

  settings.write('portolan.yaml', configuration('clusterDomain: other.local\ndrainTimeout: 1s\n'));
  daemon.signal('SIGHUP');
  await eventually(async () => deepEqual(await reasons(), ['RestartNeeded']));
  match(await messages(), /clusterDomain/);

  settings.write('portolan.yaml', configuration('clusterDomian: oops\n'));
  daemon.signal('SIGHUP');
  await eventually(async () => deepEqual(await reasons(), ['InvalidConfiguration']));
  match(await messages(), /portolan\.yaml:3:1.*clusterDomian/);
  equal((await get(daemon.port('http'), host)).body, 'one');

  settings.write('portolan.yaml', configuration('clusterDomain: cluster.local\n'));
  daemon.signal('SIGHUP');
  await eventually(async () => deepEqual(await reasons(), []));
});

test('SIGTERM while it is still starting ends it', async (context) => {
  const folder = new ManifestFolder(context);
  // A first check that nobody answers: the daemon waits for its verdict before it serves.
  const [silent] = await startBackends(context, 'silent');
  silent?.server.removeAllListeners('request');
  const check = {
    'portolan.dev/health-check': 'http',
    'portolan.dev/health-check-timeout': '1h',
    'portolan.dev/health-check-interval': '1h',
  };
  folder.write('web.yaml', serviceManifest('web', silent ? [silent] : [], check));
  const child = spawnDaemon(context, folder);
  let log = '';
  child.stderr?.on('data', (chunk) => void (log += String(chunk)));
  await eventually(() => match(log, /manifests applied/));
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  deepEqual(await ended, [0, null]);
});
