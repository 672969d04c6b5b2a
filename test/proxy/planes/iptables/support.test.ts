import { deepEqual, equal, rejects } from 'node:assert/strict';
import { test } from 'node:test';
import { DataPlaneError } from '../../../../controller/base/index.ts';
import { Iptables } from '../../../../proxy/planes/iptables/iptables.ts';
import {
  assertIptablesSupported,
  detectVariant,
} from '../../../../proxy/planes/iptables/support.ts';
import type { CommandResult, RunCommand } from '../../../../proxy/planes/kernel/index.ts';

const done: CommandResult = { exitCode: 0, stdout: '', stderr: '' };
const failed: CommandResult = { exitCode: 1, stdout: '', stderr: 'line 3 failed' };

/** A machine on which `lacks` says what does not work: a program's name, or text in its input. */
function machine(version: string, ...lacks: readonly string[]) {
  const texts: string[] = [];
  const run: RunCommand = async (file, args, input = '') => {
    if (lacks.includes(file)) {
      throw new DataPlaneError('ProgramMissing', `${file} is not installed`, false);
    }
    if (args[0] === '--version') return { ...done, stdout: `iptables v${version} (nf_tables)\n` };
    texts.push(input);
    return lacks.some((text) => input.includes(text) || args.includes(text)) ? failed : done;
  };
  const iptables = new Iptables(run, 'IPv4', 'nft');
  return { texts, assert: () => assertIptablesSupported(run, iptables, 'portolan') };
}

for (const [what, version, lacks, code, message] of [
  [
    'no iptables',
    '1.8.9',
    'iptables',
    'ProgramMissing',
    /install the package iptables; or use --proxy-mode nftables/,
  ],
  ['an old one', '1.6.1', '', 'ProgramTooOld', /1\.6\.1, and 1\.8 or newer/],
  ['no root', '1.8.9', 'nat', 'PermissionDenied', /run as root/],
  [
    'no xt_bpf',
    '1.8.9',
    '-m bpf',
    'KernelFeatureMissing',
    /lacks NETFILTER_XT_MATCH_BPF \(xt_bpf\)/,
  ],
  ['no xt_statistic', '1.8.9', '-m statistic', 'KernelFeatureMissing', /xt_statistic/],
] as const) {
  test(`${what}: ${code}`, async () => {
    const { assert } = machine(version, ...(lacks === '' ? [] : [lacks]));
    await rejects(assert, (error: unknown) => {
      equal(error instanceof DataPlaneError && error.code, code);
      equal(error instanceof Error && message.test(error.message), true, String(error));
      return true;
    });
  });
}

test('a machine that has everything is asked once, and left as it was', async () => {
  const { assert, texts } = machine('1.8.9');
  await assert();
  deepEqual(
    texts.filter((text) => text !== '').map((text) => text.includes('-X PORTOLAN-PROBE')),
    [false, true],
  );
});

for (const [what, saved, expected] of [
  ['nothing anywhere', {}, 'nft'],
  ['rules in legacy', { legacy: '-A INPUT -j ACCEPT\n' }, 'legacy'],
  [
    'kubelet in legacy, others in nft',
    { legacy: ':KUBE-KUBELET-CANARY - [0:0]\n', nft: '-A INPUT -j ACCEPT\n' },
    'legacy',
  ],
  ['only legacy installed', { legacy: '', nft: undefined }, 'legacy'],
  ['only nft installed', { legacy: undefined, nft: '' }, 'nft'],
] as const) {
  test(`${what}: the variant is ${expected}`, async () => {
    const texts = new Map<string, string | undefined>(
      Object.entries({ nft: '', legacy: '', ...saved }),
    );
    const run: RunCommand = async (file) => {
      const stdout = texts.get(file.split('-')[1] ?? '');
      if (stdout === undefined) throw new DataPlaneError('ProgramMissing', file, false);
      return { ...done, stdout };
    };
    equal(await detectVariant(run), expected);
  });
}
