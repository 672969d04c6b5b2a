import type { Problem } from '../../controller/base/index.ts';
import type { VirtualIPStatus } from '../../controller/vip/index.ts';
import type { RunningPlane } from '../views/index.ts';
import type { PlaneName } from '../worker/protocol.ts';
import type { VirtualIPChange } from './virtual-ip-history.ts';

/** How the node is, in one glance. */
export interface NodeState {
  readonly nodeName: string;
  readonly version: string;
  /** Wall time of the daemon's start, Unix milliseconds: another one means another process. */
  readonly startedAtMs: number;
  readonly ready: boolean;
  /** As `/readyz` says it. */
  readonly readiness: string;
  readonly planes: readonly PlaneState[];
  readonly workers: readonly WorkerState[];
  readonly problems: { readonly errors: number; readonly warnings: number };
  /** The first few, errors first. */
  readonly newestProblems: readonly Problem[];
  readonly counts: Readonly<Record<string, number>>;
  readonly virtualIPs: readonly VirtualIPStatus[];
  /** Newest first. */
  readonly virtualIPHistory: readonly VirtualIPChange[];
}

export interface PlaneState extends RunningPlane {
  /** Generation compiled, and the one that every worker has in force. */
  readonly compiled: number;
  readonly applied: number;
}

export interface WorkerState {
  readonly id: number;
  readonly pid: number | undefined;
  readonly applied: Readonly<Record<PlaneName, number>>;
}
