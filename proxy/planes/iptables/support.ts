import { DataPlaneError } from '../../../controller/base/index.ts';
import type { RunCommand } from '../kernel/index.ts';
import type { Iptables, IptablesVariant } from './iptables.ts';
import { toItself } from './packet-programs.ts';

/** The first that has both variants under names of their own (`iptables-nft`, `-legacy`). */
const oldestVersion = [1, 8] as const;

/** What the plane's rules need of the kernel, and the smallest rule that needs it. */
const features: readonly (readonly [name: string, rule: string])[] = [
  ['NETFILTER_XT_MATCH_CONNTRACK (xt_conntrack)', '-m conntrack --ctstate NEW'],
  ['NETFILTER_XT_MATCH_STATISTIC (xt_statistic)', '-m statistic --mode random --probability 0.5'],
  ['NETFILTER_XT_MATCH_ADDRTYPE (xt_addrtype)', '-m addrtype --dst-type LOCAL'],
  ['NETFILTER_XT_MATCH_BPF (xt_bpf)', toItself('IPv4')],
  ['NETFILTER_XT_MARK (xt_mark)', '-m mark --mark 0x1/0x1'],
];

/**
 * @throws DataPlaneError `ProgramMissing`, `ProgramTooOld`, `PermissionDenied`,
 *   `KernelFeatureMissing`: what is missing, what to do, and which modes remain
 */
export async function assertIptablesSupported(
  run: RunCommand,
  iptables: Iptables,
  ownName: string,
): Promise<void> {
  await assertVersion(run);
  const chain = `${ownName.toUpperCase()}-PROBE`;
  try {
    await iptables.save('nat');
  } catch (cause) {
    const message = 'iptables may not be used: run as root or with CAP_NET_ADMIN';
    throw unsupported('PermissionDenied', message, cause);
  }
  try {
    await probe(iptables, chain, features);
  } catch {
    // All at once was quick; now one by one, to name the culprit.
    for (const feature of features) await assertFeature(iptables, chain, feature);
  }
}

async function assertFeature(
  iptables: Iptables,
  chain: string,
  feature: readonly [string, string],
): Promise<void> {
  try {
    await probe(iptables, chain, [feature]);
  } catch (cause) {
    const message = `the kernel lacks ${feature[0]}: load the module or use another kernel`;
    throw unsupported('KernelFeatureMissing', message, cause);
  }
}

/** In `filter`, which is small: the legacy variant reads and writes whole tables. */
async function probe(
  iptables: Iptables,
  chain: string,
  tried: readonly (readonly [name: string, rule: string])[],
): Promise<void> {
  const rules = tried.map(([, rule]) => `-A ${chain} ${rule} -j RETURN\n`);
  await iptables.restore(`*filter\n:${chain} - [0:0]\n${rules.join('')}COMMIT\n`);
  await iptables.restore(`*filter\n:${chain} - [0:0]\n-X ${chain}\nCOMMIT\n`);
}

async function assertVersion(run: RunCommand): Promise<void> {
  const version = await installedVersion(run);
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isNewEnough =
    major > oldestVersion[0] || (major === oldestVersion[0] && minor >= oldestVersion[1]);
  if (isNewEnough) return;
  const message = `iptables is version ${version}, and ${oldestVersion.join('.')} or newer is needed: upgrade the package iptables`;
  throw unsupported('ProgramTooOld', message);
}

async function installedVersion(run: RunCommand): Promise<string> {
  try {
    const { stdout } = await run('iptables', ['--version']);
    return /v(\d+(?:\.\d+)*)/.exec(stdout)?.[1] ?? stdout.trim();
  } catch (cause) {
    const message = 'iptables is not installed: install the package iptables';
    throw unsupported('ProgramMissing', message, cause);
  }
}

/**
 * The variant whose tables others on this node use: kubelet's hint chain tells, else the one with
 * more rules, else nft; of two of which one is not installed, the other.
 */
export async function detectVariant(run: RunCommand): Promise<IptablesVariant> {
  const counts = { nft: 0, legacy: 0 };
  for (const variant of ['nft', 'legacy'] as const) {
    const saved = await savedBy(run, variant);
    if (saved === undefined) {
      counts[variant] = -1;
      continue;
    }
    if (/^:KUBE-(IPTABLES-HINT|KUBELET-CANARY) /m.test(saved)) return variant;
    counts[variant] = saved.split('\n').filter((line) => line.startsWith('-A')).length;
  }
  return counts.legacy > counts.nft ? 'legacy' : 'nft';
}

async function savedBy(run: RunCommand, variant: IptablesVariant): Promise<string | undefined> {
  try {
    return (await run(`iptables-${variant}-save`, [])).stdout;
  } catch (error) {
    if (error instanceof DataPlaneError && error.code === 'ProgramMissing') return undefined;
    throw error;
  }
}

function unsupported(code: string, message: string, cause?: unknown): DataPlaneError {
  const text = `--proxy-mode iptables: ${message}; or use --proxy-mode nftables or userspace`;
  return new DataPlaneError(code, text, false, cause === undefined ? {} : { cause });
}
