import { equal, match } from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { labMissing } from './ask.ts';

const entry = fileURLToPath(new URL('../../daemon/main.ts', import.meta.url));
const skip = labMissing() ?? false;

/** Stands in for a program: says its version, and fails at everything else. */
const stub = (version: string): string =>
  `#!/bin/sh\n[ "$1" = --version ] && echo '${version}' && exit 0\nexit 1\n`;

// Every other combination is a unit test: test/proxy/planes/{nftables,iptables}/support.test.ts.
for (const [what, mode, programs, expected] of [
  [
    'no nft',
    'nftables',
    {},
    /nft is not installed: install the package nftables; or use --proxy-mode iptables or userspace/,
  ],
  [
    'an old iptables',
    'iptables',
    { iptables: stub('iptables v1.6.1') },
    /iptables is version 1\.6\.1, and 1\.8 or newer is needed: upgrade/,
  ],
] as const) {
  test(`portolan up --proxy-mode ${mode} with ${what} ends with one clear line`, {
    skip,
  }, (context) => {
    const folder = mkdtempSync(join(tmpdir(), 'portolan-lab-'));
    context.after(() => rmSync(folder, { recursive: true }));
    for (const [name, text] of Object.entries(programs)) {
      writeFileSync(join(folder, name), text, { mode: 0o755 });
    }
    writeFileSync(join(folder, 'nothing.yaml'), '');
    // What the daemon changes before it finds out stays in here.
    const namespace = `portolan-${process.pid}-bare`;
    execFileSync('ip', ['netns', 'add', namespace]);
    context.after(() => execFileSync('ip', ['netns', 'del', namespace]));
    const flags = ['--proxy-mode', mode, '--data-dir', join(folder, 'data'), '--workers', '1'];
    flags.push('--log-level', 'error', '--admin', 'off', '--api', 'off');
    const up = [entry, 'up', '-f', join(folder, 'nothing.yaml'), ...flags];
    const command = ['netns', 'exec', namespace, 'env', `PATH=${folder}`, process.execPath, ...up];
    const { status, stderr } = spawnSync('ip', command, { encoding: 'utf8', timeout: 30_000 });
    equal(status, 1, stderr);
    match(stderr, expected);
    equal(stderr.trimEnd().split('\n').length, 1, stderr);
  });
}
