import { createHash } from 'node:crypto';
import { networkInterfaces } from 'node:os';
import type { Clock, Log, Meter, ProblemSink } from '../../controller/base/index.ts';
import {
  createIptablesPlane,
  createNftablesPlane,
  type IptablesVariant,
  type KernelPlane,
  type KernelPlaneOptions,
  type LocalDetector,
  type NodePortAddresses,
  systemCommands,
} from '../../proxy/index.ts';
import { type Configuration, isLoopback } from '../config/index.ts';

/** The modes in which the kernel forwards. */
export type KernelMode = 'iptables' | 'nftables';

/** What a kernel plane needs of the configuration. */
export type KernelSettings = Pick<
  Configuration,
  | 'clusterCidrs'
  | 'masqueradeAll'
  | 'masqueradeBit'
  | 'nodePortAddresses'
  | 'podBridgeInterface'
  | 'podInterfaceNamePrefix'
  | 'serviceCidrs'
  | 'serviceProxyName'
>;

interface KernelContext {
  readonly log: Log;
  readonly meter: Meter;
  readonly clock: Clock;
  readonly problems: ProblemSink;
}

/**
 * The plane that programs this machine's kernel. Runs in the main process: it carries no traffic.
 * `variant`: of iptables; undefined: the one that others on this machine use.
 */
export function createKernelPlane(
  mode: KernelMode,
  settings: KernelSettings,
  context: KernelContext,
  variant?: IptablesVariant,
): KernelPlane {
  const options: KernelPlaneOptions = {
    ...context,
    run: systemCommands(),
    node: { primary: localAddresses(false), all: () => localAddresses(true) },
    detector: detectorOf(settings),
    masqueradeAll: settings.masqueradeAll === 'on',
    masqueradeBit: settings.masqueradeBit,
    nodePortAddresses: nodePortAddressesOf(settings.nodePortAddresses),
    // A proxy among others cannot know which addresses are nobody's.
    serviceCidrs:
      settings.serviceProxyName === undefined ? settings.serviceCidrs.map(({ text }) => text) : [],
    ...(settings.serviceProxyName !== undefined && {
      ownName: ownNameOf(settings.serviceProxyName),
    }),
  };
  return mode === 'nftables' ? createNftablesPlane(options) : createIptablesPlane(options, variant);
}

/**
 * Names the tables and chains of one of several proxies on a node: short, as iptables leaves a
 * prefix nine characters.
 */
function ownNameOf(serviceProxyName: string): string {
  return `pt${createHash('sha256').update(serviceProxyName).digest('hex').slice(0, 6)}`;
}

function detectorOf(settings: KernelSettings): LocalDetector {
  const { clusterCidrs, podBridgeInterface, podInterfaceNamePrefix } = settings;
  if (podBridgeInterface !== '') return { kind: 'bridge', interfaceName: podBridgeInterface };
  if (podInterfaceNamePrefix !== '')
    return { kind: 'interfacePrefix', prefix: podInterfaceNamePrefix };
  if (clusterCidrs.length === 0) return { kind: 'none' };
  return { kind: 'cidrs', cidrs: clusterCidrs.map(({ text }) => text) };
}

/** Addresses of this machine's interfaces, loopback only if asked for. */
function localAddresses(withLoopback: boolean): readonly string[] {
  return Object.values(networkInterfaces())
    .flat()
    .flatMap((one) => (one && (withLoopback || !one.internal) ? [one.address] : []));
}

/**
 * Loopback, the default of the userspace plane, is what no kernel plane can serve (it would take
 * `route_localnet`): there it means kube-proxy's default, the node's own address.
 */
function nodePortAddressesOf(addresses: readonly string[]): NodePortAddresses {
  if (addresses.every(isLoopback)) return { kind: 'primary' };
  if (addresses.includes('0.0.0.0') || addresses.includes('::')) return { kind: 'all' };
  return {
    kind: 'cidrs',
    cidrs: addresses.map((one) => (one.includes(':') ? `${one}/128` : `${one}/32`)),
  };
}
