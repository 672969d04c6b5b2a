import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog } from '../../../../controller/base/index.ts';
import {
  createDurableStore,
  type DurableStore,
  type DurableStoreOptions,
} from '../../../../controller/store/sqlite/durable-store.ts';
import { FakeClock } from '../../../fakes/clock.ts';
import { ProblemBook } from '../../../fakes/problems.ts';

/** A folder of its own, gone when disposed. */
export class Scratch implements Disposable {
  readonly path: string = mkdtempSync(join(tmpdir(), 'portolan-store-'));

  file(name: string): string {
    return join(this.path, name);
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** A durable store, open. */
export async function openStore(
  path: string,
  options: Partial<DurableStoreOptions> = {},
): Promise<DurableStore> {
  const common = { clock: new FakeClock(), log: silentLog, problems: new ProblemBook() };
  const store = createDurableStore({ path, ...common, ...options });
  try {
    await store.open();
  } catch (error) {
    await store[Symbol.asyncDispose]();
    throw error;
  }
  return store;
}
