import { deepEqual, equal, rejects } from 'node:assert/strict';
import { test } from 'node:test';
import { DataPlaneError } from '../../../../controller/base/index.ts';
import type { CommandResult, RunCommand } from '../../../../proxy/planes/kernel/index.ts';
import { NftCommand } from '../../../../proxy/planes/nftables/nft.ts';
import { assertNftSupported } from '../../../../proxy/planes/nftables/support.ts';

const done: CommandResult = { exitCode: 0, stdout: '', stderr: '' };

/** A machine on which transactions that contain `lacks` fail. */
function machine(version: string | undefined, lacks: string) {
  const texts: string[] = [];
  const run: RunCommand = async (_, args, input = '') => {
    if (version === undefined) throw new DataPlaneError('ProgramMissing', 'nft', false);
    if (args[0] === '--version') return { ...done, stdout: `nftables v${version} (Lester)\n` };
    texts.push(input);
    if (!input.includes(lacks)) return done;
    return {
      exitCode: 1,
      stdout: '',
      stderr: '/dev/stdin:3:1-9: Error: Could not process rule: No such file or directory',
    };
  };
  return { texts, assert: () => assertNftSupported(new NftCommand(run), 'portolan') };
}

for (const [what, version, lacks, code, message] of [
  [
    'no nft',
    undefined,
    '-',
    'ProgramMissing',
    /install the package nftables; or use --proxy-mode iptables or userspace/,
  ],
  ['an old one', '0.9.8', '-', 'ProgramTooOld', /0\.9\.8, and 1\.0\.6 or newer/],
  ['no root', '1.0.6', 'add table', 'PermissionDenied', /run as root or with CAP_NET_ADMIN/],
  ['no numgen', '1.1.0', 'numgen', 'KernelFeatureMissing', /lacks NFT_NUMGEN \(nft_numgen\)/],
  ['no fib', '1.1.0', 'fib saddr', 'KernelFeatureMissing', /nft_fib_ipv4/],
] as const) {
  test(`${what}: ${code}`, async () => {
    await rejects(machine(version, lacks).assert, (error: unknown) => {
      equal(error instanceof DataPlaneError && error.code, code);
      equal(error instanceof Error && message.test(error.message), true, String(error));
      return true;
    });
  });
}

test('what is tried goes within its own transaction', async () => {
  const { assert, texts } = machine('1.0.6', 'nothing');
  await assert();
  deepEqual(
    texts.map((text) => text.trimEnd().split('\n').at(-1)),
    texts.map(() => 'delete table ip portolan-probe'),
  );
});
