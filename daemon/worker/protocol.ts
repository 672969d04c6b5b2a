import type { ListenAddress, Problem } from '../../controller/base/index.ts';
import type { ZoneDiff, ZoneTable } from '../../dns/compile/table.ts';
import type { ExplainQuestion } from '../../dns/index.ts';
import type { LimitAnswers, LimitAsks } from '../../ingress/index.ts';
import type { RouteDiff, RouteTable } from '../../ingress/compile/table.ts';
import type { ServiceDiff, ServiceTable } from '../../proxy/compile/table.ts';
import type { MetricsSnapshot } from '../metrics/snapshot.ts';
import type { SumQuery, SumRow } from '../metrics/sums.ts';
import type { WorkerConfiguration } from './configuration.ts';

/** The tables that workers hold, by the plane that applies them. */
export interface PlaneTables {
  l4: { readonly table: ServiceTable; readonly diff: ServiceDiff };
  dns: { readonly table: ZoneTable; readonly diff: ZoneDiff };
  ingress: { readonly table: RouteTable; readonly diff: RouteDiff };
}

export type PlaneName = keyof PlaneTables;
export const planeNames: readonly PlaneName[] = ['l4', 'dns', 'ingress'];

/** What the main process tells a worker, in order, over the IPC channel. */
export type ToWorker =
  /** First, once. */
  | { readonly kind: 'configure'; readonly configuration: WorkerConfiguration }
  | SnapshotMessage
  | DiffMessage
  | { readonly kind: 'metrics'; readonly id: number }
  | { readonly kind: 'sums'; readonly id: number; readonly queries: readonly SumQuery[] }
  | { readonly kind: 'explain'; readonly id: number; readonly question: ExplainQuestion }
  /** Read again what is read from files. */
  | { readonly kind: 'reload' }
  /** To `limit-asks`. */
  | { readonly kind: 'limit-answers'; readonly answers: LimitAnswers }
  | { readonly kind: 'drain'; readonly deadlineMs: number };

/** The whole table: to a worker that has none. */
export type SnapshotMessage = {
  readonly [P in PlaneName]: {
    readonly kind: 'snapshot';
    readonly plane: P;
    readonly table: PlaneTables[P]['table'];
  };
}[PlaneName];

/** What changed since the generation that the worker holds. */
export type DiffMessage = {
  readonly [P in PlaneName]: {
    readonly kind: 'diff';
    readonly plane: P;
    readonly generation: number;
    readonly diff: PlaneTables[P]['diff'];
  };
}[PlaneName];

/** What a worker tells the main process. */
export type FromWorker =
  /** The plane has made the node match this generation; `addresses` are all of the plane's. */
  | {
      readonly kind: 'applied';
      readonly plane: PlaneName;
      readonly generation: number;
      readonly addresses: readonly ListenAddress[];
    }
  /** `apply` threw: the table before stays in force in this worker. */
  | {
      readonly kind: 'refused';
      readonly plane: PlaneName;
      readonly generation: number;
      readonly error: string;
    }
  | {
      readonly kind: 'problems';
      readonly source: string;
      readonly problems: readonly Problem[];
    }
  | { readonly kind: 'metrics'; readonly id: number; readonly snapshot: MetricsSnapshot }
  | { readonly kind: 'sums'; readonly id: number; readonly rows: readonly SumRow[] }
  /** Counts that all workers share, which the main process keeps. */
  | { readonly kind: 'limit-asks'; readonly asks: LimitAsks }
  | { readonly kind: 'explained'; readonly id: number; readonly text: string };
