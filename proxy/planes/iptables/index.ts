/** Service traffic forwarded by iptables, nft or legacy: chains by prefix, changes alone. */
import { FlowCleaner } from '../../conntrack/index.ts';
import { KernelPlane, type KernelPlaneOptions, type SyncObserver } from '../kernel/index.ts';
import { Iptables, type IptablesVariant } from './iptables.ts';
import { defaultPrefix, IptablesProgrammer } from './programmer.ts';
import { assertIptablesSupported, detectVariant } from './support.ts';

export type { IptablesVariant } from './iptables.ts';

/** One look is two processes for each family. */
const canaryPeriodMs = 5_000;

/**
 * A plane that programs this node's iptables, as root. `variant` undefined: the one that others
 * on this node use, found out at the start. docs/data-planes.md says how it differs.
 */
export function createIptablesPlane(
  options: KernelPlaneOptions,
  variant?: IptablesVariant,
  observers: readonly SyncObserver[] = [new FlowCleaner(options)],
): KernelPlane {
  const { run, families = ['IPv4', 'IPv6'], ownName = defaultPrefix } = options;
  let found: Promise<IptablesVariant> | undefined;
  const iptablesOf = async (family: (typeof families)[number]): Promise<Iptables> => {
    found ??= variant === undefined ? detectVariant(run) : Promise.resolve(variant);
    return new Iptables(run, family, await found);
  };
  const programmers = families.map(
    (family) => new IptablesProgrammer(family, () => iptablesOf(family), options),
  );
  const assertSupported = async (): Promise<void> =>
    await assertIptablesSupported(run, await iptablesOf('IPv4'), ownName);
  const backend = { name: 'iptables', canaryPeriodMs, programmers, assertSupported } as const;
  return new KernelPlane(backend, options, observers);
}
