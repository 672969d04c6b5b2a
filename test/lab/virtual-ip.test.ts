import { equal, match } from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { eventually } from '../daemon/harness.ts';
import { program, root, skipWithout } from '../requirements.ts';

const entry = fileURLToPath(new URL('../../daemon/main.ts', import.meta.url));
const namespace = `portolan-vip-${process.pid}`;
const inside = (...command: readonly string[]): string =>
  execFileSync('ip', ['netns', 'exec', namespace, ...command], { encoding: 'utf8' });

const manifest = `apiVersion: portolan.dev/v1alpha1
kind: VirtualIP
metadata: { name: front }
spec:
  interface: eth0
  addresses: [10.0.0.50/24]
  virtualRouterID: 51
  advertInterval: 100ms
`;

const skip = skipWithout(root(), program('ip', 'iproute2'));

test('a VirtualIP is held while the daemon runs, shown, and let go', { skip }, async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'portolan-lab-'));
  context.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'vip.yaml'), manifest);
  execFileSync('ip', ['netns', 'add', namespace]);
  context.after(() => execFileSync('ip', ['netns', 'del', namespace]));
  inside('ip', 'link', 'set', 'lo', 'up');
  inside('ip', 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', 'eth1');
  inside('ip', 'address', 'add', '10.0.0.1/24', 'dev', 'eth0');
  for (const end of ['eth0', 'eth1']) inside('ip', 'link', 'set', end, 'up');
  const addresses = (): string => inside('ip', '-4', 'address', 'show', 'dev', 'eth0');

  const command = [entry, 'up', '-f', join(folder, 'vip.yaml'), '--workers', '1'];
  command.push('--log-level', 'error', '--data-dir', join(folder, 'data'));
  const daemon = spawn('ip', ['netns', 'exec', namespace, process.execPath, ...command], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  context.after(() => daemon.kill('SIGKILL'));
  await once(daemon.stdout, 'data');
  await eventually(() => match(addresses(), /10\.0\.0\.50\/24/));
  const shown = (): string => inside(process.execPath, entry, 'get', 'vips');
  await eventually(() => match(shown(), /^front +active +10\.0\.0\.50\/24 +eth0 +51/m));
  const ended = once(daemon, 'exit');
  daemon.kill('SIGTERM');
  equal((await ended)[0], 0);
  equal(addresses().includes('10.0.0.50'), false);
});
