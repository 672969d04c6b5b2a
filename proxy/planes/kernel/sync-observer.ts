import type { ServiceDiff, ServicePort, ServiceTable } from '../../compile/table.ts';

/** Told after each sync, off its path: conntrack clean-up, health-check servers. */
export interface SyncObserver extends AsyncDisposable {
  /** `before`: the ports that `diff` replaced or removed, by key. */
  synced(table: ServiceTable, diff: ServiceDiff, before: ReadonlyMap<string, ServicePort>): void;
}
