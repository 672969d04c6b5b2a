/** Service traffic forwarded by nftables: flat maps, one table a family, changes of a few elements. */
import { FlowCleaner } from '../../conntrack/index.ts';
import { KernelPlane, type KernelPlaneOptions, type SyncObserver } from '../kernel/index.ts';
import { wordsOf } from './family.ts';
import { type ElementLayout, layoutOf } from './netlink/element-layout.ts';
import { openNetfilterSocket } from './netlink/netfilter-socket.ts';
import { NftNetlink } from './netlink/nft-netlink.ts';
import { type Nft, NftCommand } from './nft.ts';
import { defaultTableName, NftablesProgrammer } from './programmer.ts';
import { serviceSets } from './static-rules.ts';
import { assertNftSupported } from './support.ts';

/** One look is one netlink message. */
const canaryPeriodMs = 500;

/**
 * A plane that programs this node's nftables (nft 1.0.6, kernel 5.13 or newer), as root. The
 * kernel forwards by itself: stopping the plane changes nothing, and the next start adopts what
 * is there. docs/data-planes.md says how it differs from the other planes.
 */
export function createNftablesPlane(
  options: KernelPlaneOptions,
  observers: readonly SyncObserver[] = [new FlowCleaner(options)],
  nft: Nft = systemNft(options),
): KernelPlane {
  const families = options.families ?? ['IPv4', 'IPv6'];
  const programmers = families.map((family) => new NftablesProgrammer(family, nft, options));
  const ownName = options.ownName ?? defaultTableName;
  const assertSupported = (): Promise<void> => assertNftSupported(nft, ownName);
  const close = (): void => nft.close?.();
  const backend = {
    name: 'nftables',
    canaryPeriodMs,
    programmers,
    assertSupported,
    close,
  } as const;
  return new KernelPlane(backend, options, observers);
}

function systemNft({ run, networkNamespace, log }: KernelPlaneOptions): Nft {
  // Both families lay their elements out alike, but for the length of addresses.
  const layouts = new Map<string, ElementLayout>();
  for (const { name, definition } of serviceSets(wordsOf.IPv4)) {
    const layout = layoutOf(definition);
    if (layout) layouts.set(name, layout);
  }
  return new NftNetlink({
    command: new NftCommand(run),
    layouts,
    open: () => openNetfilterSocket(networkNamespace),
    log,
  });
}
