import { equal, match } from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { serviceManifest } from './backend.ts';
import { ManifestFolder, runPortolan, startDaemon } from './harness.ts';

test('with an API objects outlive SIGKILL; those whose manifest went do not stay', async (context) => {
  const data = mkdtempSync(join(tmpdir(), 'portolan-durable-'));
  context.after(() => rmSync(data, { recursive: true, force: true }));
  const folder = new ManifestFolder(context);
  folder.write('web.yaml', serviceManifest('web', [{ name: 'one', port: 1 }]));
  folder.write('api.yaml', serviceManifest('api', [{ name: 'one', port: 1 }]));
  const flags = ['--api', '127.0.0.1:0', '--data-dir', data, '--workers', '1', '--dns', 'off'];
  const addresses = async (): Promise<string> => {
    const daemon = await startDaemon(context, folder, flags);
    const view = await daemon.admin('/debug/view/services');
    // The record of what manifests define is there before the daemon is ready.
    daemon.signal('SIGKILL');
    await daemon.ended();
    return JSON.stringify(view);
  };
  const before = await addresses();
  match(before, /"web"/);
  match(before, /"api"/);
  folder.delete('api.yaml');
  const after = await addresses();
  const [, ip] = /"web","ClusterIP","([\d.]+)"/.exec(before) ?? [];
  match(after, new RegExp(`"web","ClusterIP","${ip}"`));
  equal(/"api"/.test(after), false);
  const copy = join(data, 'copy.db');
  const { status, stdout } = await runPortolan(['backup', '--data-dir', data, copy]);
  equal(status, 0);
  equal(stdout, `copied to ${copy}\n`);
  equal(existsSync(copy), true);
});
