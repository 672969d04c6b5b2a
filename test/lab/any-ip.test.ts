import { equal, match } from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { program, root, skipWithout } from '../requirements.ts';

const entry = fileURLToPath(new URL('../../daemon/main.ts', import.meta.url));
const namespace = `portolan-${process.pid}`;
const inside = (...command: readonly string[]): string =>
  execFileSync('ip', ['netns', 'exec', namespace, ...command], { encoding: 'utf8' });

const service = `apiVersion: v1
kind: Service
metadata: { name: web }
spec:
  clusterIP: 10.96.0.80
  ports: [{ port: 80 }]
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: web-1, labels: { kubernetes.io/service-name: web } }
addressType: IPv4
ports: [{ name: '', port: 8000 }]
endpoints: [{ addresses: [127.0.0.1] }]
`;

const backend = `require('node:http').createServer((_, r) => r.end('backend')).listen(8000, '127.0.0.1', () => console.log('listening'))`;

const skip = skipWithout(root(), program('ip', 'iproute2'), program('curl', 'curl'));

test('as root any service CIDR is local while the daemon runs', { skip }, async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'portolan-lab-'));
  context.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'web.yaml'), service);
  execFileSync('ip', ['netns', 'add', namespace]);
  context.after(() => execFileSync('ip', ['netns', 'del', namespace]));
  inside('ip', 'link', 'set', 'lo', 'up');

  const start = (...args: readonly string[]) => {
    const command = ['netns', 'exec', namespace, process.execPath, ...args];
    const child = spawn('ip', command, { stdio: ['ignore', 'pipe', 'inherit'] });
    context.after(() => child.kill('SIGKILL'));
    return child;
  };
  const server = start('-e', backend);
  await once(server.stdout, 'data');
  const flags = ['--service-cidr', '10.96.0.0/16', '--data-dir', join(folder, 'data')];
  flags.push('--workers', '1', '--log-level', 'error');
  const daemon = start(entry, 'up', '-f', join(folder, 'web.yaml'), ...flags);
  const [line] = (await once(daemon.stdout, 'data')) as [Buffer];
  match(line.toString(), /"ready":true/);

  match(inside('ip', 'route', 'show', 'table', 'local'), /^local 10\.96\.0\.0\/16 dev lo/m);
  equal(inside('curl', '-s', '--max-time', '10', 'http://10.96.0.80/'), 'backend');

  const ended = once(daemon, 'exit');
  daemon.kill('SIGTERM');
  await ended;
  equal(inside('ip', 'route', 'show', 'table', 'local').includes('10.96.0.0/16'), false);
});
