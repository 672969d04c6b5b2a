import type { Clock, Log } from '../base/index.ts';
import { LocalView } from './local-view.ts';
import type { OpenStore } from './object-store.ts';
import { ViewedStore } from './viewed-store.ts';
import { WriteBatch } from './write-batch.ts';

export interface MemoryStoreOptions {
  readonly clock: Clock;
  /** Changes kept for watches that resume from a version. Default 10 000. */
  readonly historyLimit?: number;
  /** Hears of listeners that throw; absent: process warnings. */
  readonly log?: Log;
}

/**
 * A Store that lives as long as the process. Finalizers are kept as written; they delay
 * deletions that are made through `objects`, and no others: who removes a manifest means it.
 */
export function createMemoryStore(options: MemoryStoreOptions): OpenStore {
  const view = new LocalView(options);
  return new ViewedStore(view, async (write) => {
    const batch = new WriteBatch(view, options.clock);
    try {
      return write(batch);
    } finally {
      for (const change of batch.changes) view.take(change);
      view.deliver();
    }
  });
}
