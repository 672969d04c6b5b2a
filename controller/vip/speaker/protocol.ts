import type {
  RivalCause,
  Tracking,
  VirtualRouterSpec,
  VirtualRouterState,
  VirtualRouterStatus,
} from './virtual-router.ts';
import type { SpeakerCounts } from './speaker.ts';

/** What the daemon tells the speaker's thread. */
export type SpeakerRequest =
  | { readonly kind: 'apply'; readonly specs: readonly VirtualRouterSpec[] }
  | { readonly kind: 'track'; readonly name: string; readonly tracking: Tracking }
  /** The witness gives leave, until then by `monotonicMs`. */
  | { readonly kind: 'grant'; readonly name: string; readonly untilMonotonicMs: number }
  /** The witness takes its leave back. */
  | { readonly kind: 'revoke'; readonly name: string; readonly reason: string }
  /** Say goodbye for all, let the addresses go, end the thread. */
  | { readonly kind: 'stop' };

/** What the speaker's thread tells the daemon. */
export type SpeakerMessage =
  /** `wakeFd`: an eventfd that ends the thread's wait. */
  | { readonly kind: 'ready'; readonly wakeFd: number }
  /** It cannot run here at all. `code`: as in LinkError, or that of a library not found. */
  | { readonly kind: 'unable'; readonly code: string; readonly message: string }
  | {
      readonly kind: 'transition';
      readonly name: string;
      readonly from: VirtualRouterState;
      readonly to: VirtualRouterState;
      readonly reason: string;
      readonly priority: number;
    }
  /** A router with a witness asks for leave, or has it; false: it needs none any more. */
  | { readonly kind: 'claim'; readonly name: string; readonly wanted: boolean }
  /** A rival came, or all went (`cause` undefined). */
  | { readonly kind: 'rivals'; readonly name: string; readonly cause: RivalCause | undefined }
  | {
      readonly kind: 'trouble';
      readonly name: string;
      readonly reason: string;
      readonly message: string;
    }
  | { readonly kind: 'status'; readonly report: SpeakerReport };

/** The speaker as it is now. Plain values. */
export interface SpeakerReport {
  readonly routers: readonly VirtualRouterStatus[];
  readonly counts: SpeakerCounts;
  /** The largest lateness of an advert since the report before, in milliseconds. */
  readonly maxLatenessMs: number;
}
