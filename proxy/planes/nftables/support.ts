import { DataPlaneError } from '../../../controller/base/index.ts';
import type { Nft } from './nft.ts';

/** The oldest nft that takes the plane's rules: concatenations with `typeof numgen`. */
const oldestVersion = '1.0.6';

/** Kernel features and the smallest text that needs each. Written to a table of its own. */
const features: readonly (readonly [name: string, rule: string])[] = [
  ['NFT_NUMGEN (nft_numgen)', 'numgen random mod 2 0'],
  ['NFT_HASH (nft_hash)', 'jhash ip saddr mod 2 seed 0x1 0'],
  ['NFT_FIB_INET (nft_fib_ipv4)', 'fib saddr type local'],
  ['NFT_CT (nft_ct)', 'ct state new'],
  ['NFT_REJECT (nft_reject_ipv4)', 'reject'],
];

/**
 * @throws DataPlaneError `ProgramMissing`, `ProgramTooOld`, `KernelFeatureMissing`,
 *   `PermissionDenied`: what is missing, what to do, and which modes remain
 */
export async function assertNftSupported(nft: Nft, ownName: string): Promise<void> {
  const version = await installedVersion(nft);
  if (compareVersions(version, oldestVersion) < 0) {
    throw unsupported(
      'ProgramTooOld',
      `nft is version ${version}, and ${oldestVersion} or newer is needed: upgrade the package nftables`,
    );
  }
  const table = `ip ${ownName}-probe`;
  await check(
    nft,
    table,
    [],
    'PermissionDenied',
    'nft may not change rules: run as root or with CAP_NET_ADMIN',
  );
  for (const [name, rule] of features) {
    await check(
      nft,
      table,
      [rule],
      'KernelFeatureMissing',
      `the kernel lacks ${name}: load the module or use another kernel`,
    );
  }
}

async function installedVersion(nft: Nft): Promise<string> {
  try {
    return await nft.version();
  } catch (cause) {
    const message = 'nft is not installed: install the package nftables';
    throw unsupported('ProgramMissing', message, cause);
  }
}

/** One transaction that leaves nothing behind. */
async function check(
  nft: Nft,
  table: string,
  rules: readonly string[],
  code: string,
  message: string,
): Promise<void> {
  const lines = [
    `add table ${table}`,
    `add chain ${table} probe { type filter hook input priority 0; }`,
    ...rules.map((rule) => `add rule ${table} probe ${rule}`),
    `delete table ${table}`,
  ];
  try {
    await nft.apply(`${lines.join('\n')}\n`);
  } catch (cause) {
    throw unsupported(code, message, cause);
  }
}

function unsupported(code: string, message: string, cause?: unknown): DataPlaneError {
  const text = `--proxy-mode nftables: ${message}; or use --proxy-mode iptables or userspace`;
  return new DataPlaneError(code, text, false, cause === undefined ? {} : { cause });
}

/** Negative if `a` is the older one. */
function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((text) => text.split('.').map(Number));
  for (let place = 0; place < 3; place += 1) {
    const order = (left?.[place] ?? 0) - (right?.[place] ?? 0);
    if (order !== 0) return order;
  }
  return 0;
}
