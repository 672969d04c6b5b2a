/** Service traffic forwarded by iptables, nft or legacy: kube-proxy's shape, changes alone. */
import { DataPlaneError } from '../../../controller/base/index.ts';
import { FlowCleaner } from '../../conntrack/index.ts';
import { KernelPlane, type KernelPlaneOptions, type SyncObserver } from '../kernel/index.ts';
import { detectVariant, Iptables, type IptablesVariant } from './iptables.ts';
import { IptablesProgrammer } from './programmer.ts';

export type { IptablesVariant } from './iptables.ts';

/**
 * A plane that programs this node's iptables, as root. `variant` undefined: the one that others
 * on this node use, found out at the start. docs/data-planes.md says how it differs.
 */
export function createIptablesPlane(
  options: KernelPlaneOptions,
  variant?: IptablesVariant,
  observers: readonly SyncObserver[] = [new FlowCleaner(options)],
): KernelPlane {
  let found: Promise<IptablesVariant> | undefined;
  const programmers = (options.families ?? ['IPv4', 'IPv6']).map((family) => {
    const iptables = async (): Promise<Iptables> => {
      found ??= variant === undefined ? detectVariant(options.run) : Promise.resolve(variant);
      return new Iptables(options.run, family, await found);
    };
    return new IptablesProgrammer(family, iptables, options);
  });
  const assertSupported = async (): Promise<void> => {
    try {
      await options.run('iptables', ['--version']);
    } catch (cause) {
      const message =
        '--proxy-mode iptables: iptables is not installed: install the package iptables; or use --proxy-mode nftables or userspace';
      throw new DataPlaneError('ProgramMissing', message, false, { cause });
    }
  };
  return new KernelPlane({ name: 'iptables', programmers, assertSupported }, options, observers);
}
