import type { IPFamily } from '../../objects/index.ts';
import type { ElectionState } from '../election/election.ts';
import type { InterfaceAddress } from '../link/netlink-message.ts';
import type { VrrpVersion } from '../wire/advertisement.ts';
import type { ChecksumForm } from '../wire/checksum.ts';

/** One virtual router of this node, ready to run. Plain values: it crosses to the speaker's thread. */
export interface VirtualRouterSpec {
  /** What logs, metrics and status call it; unique. */
  readonly name: string;
  readonly family: IPFamily;
  readonly interface: string;
  readonly vrid: number;
  readonly version: VrrpVersion;
  /** 1–255, before tracking. */
  readonly priority: number;
  readonly adverIntervalMs: number;
  readonly preempt: boolean;
  readonly preemptDelayMs: number;
  /** Advertised, and held while Active. All of `family`; at least one. */
  readonly addresses: readonly InterfaceAddress[];
  /** Held while Active, but not advertised; any family. */
  readonly excludedAddresses: readonly InterfaceAddress[];
  /** The source of adverts; undefined: the primary address of the interface. */
  readonly sourceAddress: string | undefined;
  /** Undefined: multicast. */
  readonly unicastPeers: readonly string[] | undefined;
  /** Version 2 alone: eight bytes, zero-padded. */
  readonly password: Uint8Array | undefined;
  readonly checksum: ChecksumForm;
  /** Members of one group are Active together or not at all. */
  readonly syncGroup: string | undefined;
  /** Weight 0: a fault while down. Otherwise added while up (> 0) or while down (< 0). */
  readonly trackInterfaces: readonly { readonly name: string; readonly weight: number }[];
  /** What to do about a rival under another virtual_router_id that outranks this router. */
  readonly rivals: 'yield' | 'report';
  /** Asks before it becomes Active, and holds the addresses only while it has leave. */
  readonly witness?: WitnessSpec;
}

/** A third party that says who may hold the addresses. */
export interface WitnessSpec {
  readonly leaseDurationMs: number;
  /** What no answer means: let go, or go on. */
  readonly prefer: 'consistency' | 'availability';
}

/** What trackers outside the speaker say of one router. */
export interface Tracking {
  /** The sum of weights, to be added to the priority. */
  readonly weight: number;
  /** Why it must take no part; undefined: it may. */
  readonly fault: string | undefined;
}

/** Why somebody else holds our addresses too. */
export type RivalCause =
  /** Lower adverts are heard while we are Active: ours do not arrive, or are not honoured there. */
  | 'does-not-hear-us'
  /** Another virtual router lists our addresses. */
  | 'other-virtual-router-id'
  /** Same virtual router, adverts that the RFC has us drop. */
  | 'version-mismatch'
  | 'interval-mismatch'
  | 'authentication-mismatch'
  /** Adverts reach us by multicast where unicast is configured, or the other way. */
  | 'transport-mismatch'
  /** Another MAC answers for our address, and no adverts explain it. */
  | 'address-held-elsewhere';

/** A second holder of our addresses, as seen from here. */
export interface Rival {
  readonly cause: RivalCause;
  /** An IP address, or a MAC. */
  readonly peer: string;
  readonly priority: number | undefined;
  /** Monotonic milliseconds. */
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
}

export type VirtualRouterState = ElectionState['kind'];

/** One router as it is now. Plain values. */
export interface VirtualRouterStatus {
  readonly name: string;
  readonly state: VirtualRouterState;
  /** Why it is in that state, in a few words. */
  readonly reason: string;
  readonly priority: number;
  readonly source: string | undefined;
  /** The Active Router heard last, while Backup. */
  readonly active: string | undefined;
  /** What the checksums of the last valid advert covered. */
  readonly peerChecksum: ChecksumForm | undefined;
  readonly rivals: readonly Rival[];
  readonly transitions: number;
  readonly advertsSent: number;
  readonly advertsReceived: number;
  /** Adverts not honoured, by reason. */
  readonly dropped: Readonly<Record<string, number>>;
}
