import { equal, match } from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { get } from './ask.ts';
import { ingressManifest, serviceManifest, startBackends } from './backend.ts';
import { eventually, ManifestFolder, startDaemon } from './harness.ts';

const host = 'shop.localhost';

test('a daemon follows the API of another as it would a cluster', async (context) => {
  const data = mkdtempSync(join(tmpdir(), 'portolan-two-'));
  context.after(() => rmSync(data, { recursive: true, force: true }));
  const backends = await startBackends(context, 'one');
  const folder = new ManifestFolder(context);
  folder.write('web.yaml', serviceManifest('web', backends));
  const served = ['--api', '127.0.0.1:0', '--data-dir', data, '--workers', '1'];
  await startDaemon(context, folder, served);
  const kubeconfig = ['--kubeconfig', join(data, 'kubeconfig'), '--workers', '1'];
  const follower = await startDaemon(context, undefined, kubeconfig);
  equal((await get(follower.port('http'), host)).status, 404);
  folder.write('ingress.yaml', ingressManifest('shop', [[host, '/', 'web']]));
  await eventually(async () => equal((await get(follower.port('http'), host)).body, 'one'));
  await eventually(async () => {
    match(String(await follower.admin('/metrics')), /^portolan_leader 1$/m);
  });
  match(
    String(await follower.admin('/metrics')),
    /^portolan_cluster_data_age_seconds\{kind="Service"\} 0$/m,
  );
});
