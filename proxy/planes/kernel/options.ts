import type { Clock, Log, Meter, ProblemSink } from '../../../controller/base/index.ts';
import type { IPFamily } from '../../../controller/objects/index.ts';
import type { RunCommand } from './run-command.ts';

/** What both kernel planes are built with. */
export interface KernelPlaneOptions {
  readonly log: Log;
  readonly meter: Meter;
  readonly clock: Clock;
  readonly problems: ProblemSink;
  readonly run: RunCommand;
  /** Path of the network namespace that `run` runs its programs in. Default: this process's. */
  readonly networkNamespace?: string;
  readonly node: NodeAddresses;
  /** How traffic of this node's Pods is recognised. Default: it is not. */
  readonly detector?: LocalDetector;
  /** Masquerades all ClusterIP traffic. Default false. */
  readonly masqueradeAll?: boolean;
  /** Which bit of the packet mark asks for masquerading, 0–31. Default 14, as kubelet's. */
  readonly masqueradeBit?: number;
  /** Where NodePorts are served. Default `primary`. */
  readonly nodePortAddresses?: NodePortAddresses;
  /** Unallocated addresses of these ranges are dropped. Default: none, nothing is dropped. */
  readonly serviceCidrs?: readonly string[];
  /** How long a failed sync waits for the next try; a full check follows every 120 of them. */
  readonly syncPeriodMs?: number;
  /** How often it is looked whether somebody flushed our rules. Default: the backend's. */
  readonly canaryPeriodMs?: number;
  /** Names our tables or chains, so that two proxies on one node keep apart. */
  readonly ownName?: string;
  /** Default: both. */
  readonly families?: readonly IPFamily[];
}

/** This machine's addresses. */
export interface NodeAddresses {
  /** Node status addresses, the primary one of each family first; canonical text. */
  readonly primary: readonly string[];
  /** Addresses of all interfaces now, loopback included. */
  all(): readonly string[];
}

/**
 * How a packet from a Pod of this node is told from others (kube-proxy's `--detect-local-mode`).
 * `none`: no packet is; ClusterIP traffic is then masqueraded only by `masqueradeAll`.
 */
export type LocalDetector =
  | { readonly kind: 'none' }
  /** ClusterCIDR and NodeCIDR modes; those of the other family do not matter. */
  | { readonly kind: 'cidrs'; readonly cidrs: readonly string[] }
  | { readonly kind: 'bridge'; readonly interfaceName: string }
  | { readonly kind: 'interfacePrefix'; readonly prefix: string };

/** `all`: every local address but loopback, which a kernel cannot serve (no `route_localnet`). */
export type NodePortAddresses =
  | { readonly kind: 'primary' }
  | { readonly kind: 'all' }
  | { readonly kind: 'cidrs'; readonly cidrs: readonly string[] };

export const defaultMasqueradeBit = 14;
export const defaultSyncPeriodMs = 30_000;
