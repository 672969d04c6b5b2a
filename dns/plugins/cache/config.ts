import type { Name } from '../../wire/index.ts';

/** How long, and how many, replies of one kind are kept. */
export interface StoreConfig {
  readonly capacity: number;
  readonly maxTtlSec: number;
  readonly minTtlSec: number;
}

/** One `cache` line of a Corefile. */
export interface CacheConfig {
  readonly zones: readonly Name[];
  readonly success: StoreConfig;
  readonly denial: StoreConfig;
  readonly servfailSec: number;
  /** Names in these are not kept. */
  readonly disabled: { readonly success: readonly Name[]; readonly denial: readonly Name[] };
  /** Undefined: off. */
  readonly prefetch:
    | { readonly hits: number; readonly gapMs: number; readonly percentage: number }
    | undefined;
  /** Undefined: off. */
  readonly stale:
    | {
        readonly forMs: number;
        readonly policy: 'immediate' | 'verify';
        /** How long `verify` waits for a fresh answer. */
        readonly verifyMs: number;
        readonly ttlSec: number;
        /** After a failed refresh upstream is left alone for this long. */
        readonly recheckMs: number;
        /** A kept SERVFAIL gives way to an expired answer that was good. */
        readonly preferPositive: boolean;
      }
    | undefined;
  /** TTLs do not count down. */
  readonly keepTtl: boolean;
}

/** What CoreDNS does without arguments. */
export const defaultCache: CacheConfig = {
  zones: [[]],
  success: { capacity: 9984, maxTtlSec: 3600, minTtlSec: 5 },
  denial: { capacity: 9984, maxTtlSec: 1800, minTtlSec: 5 },
  servfailSec: 5,
  disabled: { success: [], denial: [] },
  prefetch: undefined,
  stale: undefined,
  keepTtl: false,
};
