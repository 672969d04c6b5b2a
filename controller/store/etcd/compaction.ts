import { type Clock, describeError, type Log } from '../../base/index.ts';
import type { EtcdClient } from './etcd-client.ts';

/**
 * As the Kubernetes API server: every five minutes, what was five minutes ago is forgotten. Who
 * resumes a watch from before lists anew. Without it etcd grows until it takes no more writes.
 */
const intervalMs = 300_000;

/** Keeps etcd small, for as long as it is not disposed: the work of one daemon of a cluster. */
export function compactRegularly(
  client: EtcdClient,
  revision: () => number,
  clock: Clock,
  log: Log,
): Disposable {
  let before = revision();
  const next = (): Disposable =>
    clock.schedule(intervalMs, () => {
      timer = next();
      const wanted = before;
      before = revision();
      if (wanted === 0) return;
      client
        .call('/v3/kv/compaction', { revision: String(wanted) })
        // One that was made already, by a leader before, is refused.
        .catch((error: unknown) => log.debug({ error: describeError(error) }, 'not compacted'));
    });
  let timer = next();
  return { [Symbol.dispose]: () => timer[Symbol.dispose]() };
}
