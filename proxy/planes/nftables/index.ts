/** Service traffic forwarded by nftables: flat maps, one table a family, changes of a few elements. */
import { FlowCleaner } from '../../conntrack/index.ts';
import { KernelPlane, type KernelPlaneOptions, type SyncObserver } from '../kernel/index.ts';
import { type Nft, NftCommand } from './nft.ts';
import { defaultTableName, NftablesProgrammer } from './programmer.ts';
import { assertNftSupported } from './support.ts';

/**
 * A plane that programs this node's nftables (nft 1.0.6, kernel 5.13 or newer), as root. The
 * kernel forwards by itself: stopping the plane changes nothing, and the next start adopts what
 * is there. docs/data-planes.md says how it differs from the other planes.
 */
export function createNftablesPlane(
  options: KernelPlaneOptions,
  observers: readonly SyncObserver[] = [new FlowCleaner(options)],
  nft: Nft = new NftCommand(options.run),
): KernelPlane {
  const families = options.families ?? ['IPv4', 'IPv6'];
  const programmers = families.map((family) => new NftablesProgrammer(family, nft, options));
  const ownName = options.ownName ?? defaultTableName;
  const assertSupported = (): Promise<void> => assertNftSupported(nft, ownName);
  return new KernelPlane({ name: 'nftables', programmers, assertSupported }, options, observers);
}
