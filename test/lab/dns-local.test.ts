import { equal, match, ok } from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { program, root, skipWithout } from '../requirements.ts';

const entry = fileURLToPath(new URL('../../daemon/main.ts', import.meta.url));
const namespace = `portolan-dns-${process.pid}`;
const inside = (...command: readonly string[]): string =>
  execFileSync('ip', ['netns', 'exec', namespace, ...command], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });

const service = `apiVersion: v1
kind: Service
metadata: { name: web }
spec:
  clusterIP: 10.96.0.80
  ports: [{ port: 80 }]
`;

/** As NodeLocal DNSCache binds: the link-local address and that of the cluster's DNS. */
const corefile = `cluster.local:53 in-addr.arpa:53 {
  bind 169.254.20.10 10.96.0.10
  kubernetes
}
.:53 {
  bind 169.254.20.10 10.96.0.10
  health 169.254.20.10:8080
  prometheus :9253
  forward . 192.0.2.53
}
`;

const skip = skipWithout(
  root(),
  program('ip', 'iproute2'),
  program('nft', 'nftables'),
  program('dig', 'dnsutils'),
  program('curl', 'curl'),
  program('conntrack', 'conntrack'),
);

test('node-local DNS: addresses and NOTRACK rules come and go with the daemon', {
  skip,
}, async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'portolan-lab-'));
  context.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'web.yaml'), service);
  writeFileSync(join(folder, 'Corefile'), corefile);
  execFileSync('ip', ['netns', 'add', namespace]);
  context.after(() => execFileSync('ip', ['netns', 'del', namespace]));
  inside('ip', 'link', 'set', 'lo', 'up');
  // Something that makes the kernel track connections at all.
  inside(
    'nft',
    'add table inet t; add chain inet t o { type filter hook output priority 0; }; add rule inet t o ct state new accept',
  );

  const flags = ['--dns', '169.254.20.10:53', '--dns-local', '169.254.20.10,10.96.0.10'];
  flags.push(
    '--proxy-mode',
    'none',
    '--service-cidr',
    '10.96.0.0/16',
    '--ingress-http',
    'off',
    '--ingress-https',
    'off',
  );
  flags.push('--data-dir', join(folder, 'data'), '--workers', '1', '--log-level', 'error');
  flags.push('--corefile', join(folder, 'Corefile'), '-f', join(folder, 'web.yaml'));
  const start = async () => {
    const command = ['netns', 'exec', namespace, process.execPath, entry, 'up', ...flags];
    const child = spawn('ip', command, { stdio: ['ignore', 'pipe', 'inherit'] });
    context.after(() => child.kill('SIGKILL'));
    const [line] = await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
    match(String(line), /"ready":true/);
    return child;
  };
  const made = (): readonly boolean[] => [
    inside('ip', 'address').includes('169.254.20.10'),
    inside('nft', 'list', 'tables').includes('portolan_dns'),
  ];

  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    const daemon = await start();
    for (const address of ['169.254.20.10', '10.96.0.10']) {
      for (const transport of ['+notcp', '+tcp']) {
        const name = 'web.default.svc.cluster.local';
        equal(inside('dig', `@${address}`, name, '+short', transport), '10.96.0.80\n');
      }
    }
    equal(inside('curl', '-s', '--max-time', '5', 'http://169.254.20.10:8080/health'), 'OK');
    const tracked = inside('conntrack', '-L');
    equal(/dport=53 /.test(tracked), false);
    // The probe, which no rule takes out, shows that connections are tracked here.
    ok(/dport=8080 /.test(tracked), tracked);
    equal(made().join(), 'true,true');
    const ended = once(daemon, 'exit');
    daemon.kill(signal);
    await ended;
    const deadlineMs = performance.now() + 10_000;
    while (made().includes(true) && performance.now() < deadlineMs) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    equal(made().join(), 'false,false');
  }
});
