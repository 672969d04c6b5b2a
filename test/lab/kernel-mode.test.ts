import { deepEqual, equal, match } from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { eventually } from '../daemon/harness.ts';
import { program, root, skipWithout } from '../requirements.ts';

const entry = fileURLToPath(new URL('../../daemon/main.ts', import.meta.url));

const service = (port: number) => `apiVersion: v1
kind: Service
metadata: { name: web }
spec:
  type: NodePort
  clusterIP: 10.96.0.80
  ports: [{ port: 80, nodePort: 30080 }]
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: web-1, labels: { kubernetes.io/service-name: web } }
addressType: IPv4
ports: [{ name: '', port: ${port} }]
endpoints: [{ addresses: [10.0.0.1] }]
`;

const backend = (name: string, port: number): string =>
  `require('node:http').createServer((_, r) => r.setHeader('connection', 'close').end('${name}')).listen(${port}, '10.0.0.1', () => console.log('listening'))`;

/** A network namespace that is a node with one address; deleted after the test. */
function makeNode(context: TestContext, name: string): (...command: string[]) => string {
  const inside = (...command: string[]): string =>
    execFileSync('ip', ['netns', 'exec', name, ...command], { encoding: 'utf8' });
  execFileSync('ip', ['netns', 'add', name]);
  context.after(() => execFileSync('ip', ['netns', 'del', name]));
  inside('ip', 'link', 'set', 'lo', 'up');
  inside('ip', 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', 'eth1');
  inside('ip', 'address', 'add', '10.0.0.1/24', 'dev', 'eth0');
  for (const end of ['eth0', 'eth1']) inside('ip', 'link', 'set', end, 'up');
  inside('ip', 'route', 'add', 'default', 'dev', 'eth0');
  return inside;
}

for (const mode of ['nftables', 'iptables'] as const) {
  const needed = mode === 'nftables' ? program('nft', 'nftables') : program(mode, mode);
  const skip = skipWithout(root(), program('ip', 'iproute2'), program('curl', 'curl'), needed);
  test(`portolan up --proxy-mode ${mode}: the kernel serves, follows, and goes on after the end`, {
    skip,
  }, async (context) => {
    const name = `portolan-${mode.slice(0, 3)}-${process.pid}`;
    const folder = mkdtempSync(join(tmpdir(), 'portolan-lab-'));
    context.after(() => rmSync(folder, { recursive: true }));
    const inside = makeNode(context, name);
    const start = (...args: readonly string[]) => {
      const command = ['netns', 'exec', name, process.execPath, ...args];
      const child = spawn('ip', command, { stdio: ['ignore', 'pipe', 'inherit'] });
      context.after(() => child.kill('SIGKILL'));
      return child;
    };
    for (const [who, port] of [
      ['first', 8001],
      ['second', 8002],
    ] as const) {
      await once(start('-e', backend(who, port)).stdout, 'data');
    }
    const manifest = join(folder, 'web.yaml');
    writeFileSync(manifest, service(8001));
    const flags = ['--proxy-mode', mode, '--service-cidr', '10.96.0.0/16', '--log-level', 'error'];
    flags.push('--localhost-node-ports', 'on', '--kube-proxy-metrics', '127.0.0.1:10249');
    flags.push('--kube-proxy-healthz', '10.0.0.1:10256');
    flags.push('--data-dir', join(folder, 'data'), '--workers', '1');
    const daemon = start(entry, 'up', '-f', manifest, ...flags);
    const [line] = (await once(daemon.stdout, 'data')) as [Buffer];
    match(line.toString(), /"ready":true/);
    const get = (url: string): string => inside('curl', '-s', '--max-time', '10', url);
    const curl = (): string => get('http://10.96.0.80/');
    equal(curl(), 'first');
    equal(get('http://10.0.0.1:30080/'), 'first', 'on the address of the node: by a rule');
    equal(get('http://127.0.0.1:30080/'), 'first', 'on loopback: by the daemon');
    equal(get('http://127.0.0.1:10249/proxyMode'), mode);
    match(get('http://10.0.0.1:10256/healthz'), /"nodeEligible":true/);
    writeFileSync(manifest, service(8002));
    await eventually(() => equal(curl(), 'second'));

    const ended = once(daemon, 'exit');
    daemon.kill('SIGTERM');
    equal((await ended)[0], 0);
    equal(curl(), 'second', 'forwarding is the kernel’s');
  });
}

test('two proxies on one node keep apart, and so does their clean-up', {
  skip: skipWithout(
    root(),
    program('ip', 'iproute2'),
    program('curl', 'curl'),
    program('nft', 'nftables'),
  ),
}, async (context) => {
  const name = `portolan-two-${process.pid}`;
  const folder = mkdtempSync(join(tmpdir(), 'portolan-lab-'));
  context.after(() => rmSync(folder, { recursive: true }));
  const inside = makeNode(context, name);
  const start = (...args: readonly string[]) => {
    const command = ['netns', 'exec', name, process.execPath, ...args];
    const child = spawn('ip', command, { stdio: ['ignore', 'pipe', 'inherit'] });
    context.after(() => child.kill('SIGKILL'));
    return child;
  };
  await once(start('-e', backend('first', 8001)).stdout, 'data');
  const manifest = join(folder, 'both.yaml');
  const edge = service(8001)
    .replaceAll('web', 'edge')
    .replace(
      '{ name: edge }',
      '{ name: edge, labels: { service.kubernetes.io/service-proxy-name: edge } }',
    )
    .replace('10.96.0.80', '10.96.0.81')
    .replace('30080', '30081');
  writeFileSync(manifest, `${service(8001)}---\n${edge}`);
  const flags = ['--proxy-mode', 'nftables', '--service-cidr', '10.96.0.0/16', '--workers', '1'];
  flags.push(
    '--log-level',
    'error',
    '--dns',
    'off',
    '--ingress-http',
    'off',
    '--ingress-https',
    'off',
  );
  flags.push('--admin', 'off', '--api', 'off');
  let last: ReturnType<typeof start> | undefined;
  for (const [data, ...own] of [
    ['one'],
    ['two', '--service-proxy-name', 'edge', '--masquerade-bit', '15'],
  ]) {
    const itsFolder = join(folder, data ?? '');
    const daemon = start(entry, 'up', '-f', manifest, ...flags, '--data-dir', itsFolder, ...own);
    await once(daemon.stdout, 'data');
    last = daemon;
  }
  const get = (address: string): string => {
    try {
      return inside('curl', '-s', '--max-time', '2', `http://${address}/`);
    } catch {
      return 'nobody';
    }
  };
  deepEqual([get('10.96.0.80'), get('10.96.0.81')], ['first', 'first']);
  // One that runs would mend what is cleaned up.
  last?.kill('SIGTERM');
  if (last) await once(last, 'exit');
  match(
    inside(process.execPath, entry, 'cleanup', 'edge'),
    /^nftables: nothing of Portolan is left/,
  );
  deepEqual([get('10.96.0.80'), get('10.96.0.81')], ['first', 'nobody']);
});
