import type { Problem } from '../../base/index.ts';

/** What to send for one occurrence. */
export type Correlated =
  /** The first of its kind. */
  | { readonly kind: 'new'; readonly key: string; readonly message: string }
  /** As one before: that Event counts on. */
  | {
      readonly kind: 'again';
      readonly key: string;
      readonly message: string;
      readonly count: number;
    }
  /** Too many about one object. */
  | { readonly kind: 'dropped' };

/** client-go's EventAggregator: so many unlike messages of one reason, in this time, become one. */
const mostSimilar = 10;
const similarWindowMs = 600_000;
/** client-go's EventSourceObjectSpamFilter: a burst of 25 for each object, then one in 5 minutes. */
const burst = 25;
const refillMs = 300_000;
/** Objects and messages remembered, oldest forgotten first: client-go's cache. */
const mostRemembered = 4096;

interface Similar {
  readonly messages: Set<string>;
  sinceMs: number;
}

interface Bucket {
  tokens: number;
  atMs: number;
}

/** Keeps a problem that comes and goes from filling a cluster with Events. Pure: time is passed in. */
export class EventCorrelator {
  readonly #counts = new Map<string, number>();
  readonly #similar = new Map<string, Similar>();
  readonly #buckets = new Map<string, Bucket>();

  correlate({ severity, reason, message, object }: Problem, nowMs: number): Correlated {
    const about = `${object?.kind}/${object?.namespace}/${object?.name}`;
    if (!this.#takeToken(about, nowMs)) return { kind: 'dropped' };
    const group = `${about}/${severity}/${reason}`;
    const isCombined = this.#isOneTooMany(group, message, nowMs);
    const key = isCombined ? `${group}/combined` : `${group}/${message}`;
    const text = isCombined ? `(combined from similar events): ${message}` : message;
    const count = (this.#counts.get(key) ?? 0) + 1;
    remember(this.#counts, key, count);
    if (count === 1) return { kind: 'new', key, message: text };
    return { kind: 'again', key, message: text, count };
  }

  #isOneTooMany(group: string, message: string, nowMs: number): boolean {
    let similar = this.#similar.get(group);
    if (!similar || nowMs - similar.sinceMs > similarWindowMs) {
      similar = { messages: new Set(), sinceMs: nowMs };
    }
    remember(this.#similar, group, similar);
    if (similar.messages.size < mostSimilar) similar.messages.add(message);
    return !similar.messages.has(message);
  }

  #takeToken(about: string, nowMs: number): boolean {
    const bucket = this.#buckets.get(about) ?? { tokens: burst, atMs: nowMs };
    const tokens = Math.min(burst, bucket.tokens + (nowMs - bucket.atMs) / refillMs);
    const isAllowed = tokens >= 1;
    remember(this.#buckets, about, { tokens: isAllowed ? tokens - 1 : tokens, atMs: nowMs });
    return isAllowed;
  }
}

/** Newest last. */
function remember<V>(map: Map<string, V>, key: string, value: V): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= mostRemembered) return;
  const [oldest] = map.keys();
  if (oldest !== undefined) map.delete(oldest);
}
