import { classIN, rcode, recordType } from '../../wire/index.ts';
import { closestZone, type PluginKind, pluginKind } from '../kind.ts';
import type { Eventually, Next, Plugin, PluginContext, Query, Reply } from '../plugin.ts';
import { forClient, fresh, stale, withTtl } from './aged.ts';
import type { CacheConfig } from './config.ts';
import { CacheMetrics } from './metrics.ts';
import { cacheOptions, parseCache } from './parse.ts';
import { keepFor } from './storable.ts';
import { type Entry, Store } from './store.ts';

/** Questions under way whose answer several clients wait for; beyond, each asks for itself. */
const maxShared = 10_000;

/** Keeps what other resolvers answered. */
export const cache: PluginKind = pluginKind({
  name: 'cache',
  options: cacheOptions,
  parse: parseCache,
  create: (config, context) => new CachePlugin(config, context),
});

class CachePlugin implements Plugin {
  readonly name = 'cache';
  readonly repeatable = true;
  readonly #config: CacheConfig;
  readonly #context: PluginContext;
  readonly #metrics: CacheMetrics;
  readonly #stores: Readonly<Record<'success' | 'denial', Store>>;
  readonly #underWay: Map<string, Promise<Reply>> = new Map();

  constructor(config: CacheConfig, context: PluginContext) {
    this.#config = config;
    this.#context = context;
    this.#metrics = new CacheMetrics(context.meter, context.server, config.zones);
    const { success, denial } = config;
    this.#stores = {
      success: new Store(success.capacity, this.#metrics.evictions.success),
      denial: new Store(denial.capacity, this.#metrics.evictions.denial),
    };
  }

  readonly handle = (query: Query, next: Next): Eventually<Reply> => {
    const isTransfer = query.type === recordType.AXFR || query.type === recordType.IXFR;
    if (isTransfer || query.class !== classIN) return next(query);
    if (!closestZone(this.#config.zones, query.lower)) return next(query);
    this.#metrics.requests.inc();
    const nowMs = this.#context.clock.nowMs();
    const key = keyOf(query);
    const found = this.#live(key, nowMs);
    const better = found && this.#betterThan(found.entry, key, nowMs);
    if (better) return this.#serveStale(key, better, query, next, nowMs);
    if (found) return this.#hit(found.entry, found.store, query, next, nowMs);
    const expired = this.#expired(key, nowMs);
    if (expired) return this.#serveStale(key, expired, query, next, nowMs);
    return this.#miss(key, query, next);
  };

  readonly explain = (query: Query): readonly string[] => {
    const nowMs = this.#context.clock.nowMs();
    const key = keyOf(query);
    const live = this.#live(key, nowMs);
    if (live) {
      const { storedMs, ttlSec } = live.entry;
      return [`kept, for ${Math.ceil(ttlSec - (nowMs - storedMs) / 1000)} more seconds`];
    }
    return this.#expired(key, nowMs) ? ['kept, expired, and served while upstream fails'] : [];
  };

  async [Symbol.asyncDispose](): Promise<void> {}

  #live(key: string, nowMs: number): { entry: Entry; store: 'success' | 'denial' } | undefined {
    for (const store of ['success', 'denial'] as const) {
      const entry = this.#stores[store].get(key);
      if (entry && nowMs < entry.storedMs + 1000 * entry.ttlSec) return { entry, store };
    }
    return undefined;
  }

  /** The expired answer that a kept failure gives way to. */
  #betterThan(entry: Entry, key: string, nowMs: number): Entry | undefined {
    const isFailure = entry.reply.rcode === rcode.SERVFAIL;
    if (!isFailure || !this.#config.stale?.preferPositive) return undefined;
    const expired = this.#expired(key, nowMs);
    return expired?.reply.rcode === rcode.NOERROR ? expired : undefined;
  }

  #hit(entry: Entry, store: 'success' | 'denial', query: Query, next: Next, nowMs: number): Reply {
    this.#metrics.hits[store].inc();
    const { prefetch, keepTtl } = this.#config;
    if (prefetch) {
      entry.hits = nowMs - entry.lastHitMs < prefetch.gapMs ? entry.hits + 1 : 1;
      entry.lastHitMs = nowMs;
      const leftSec = entry.ttlSec - (nowMs - entry.storedMs) / 1000;
      const isLate = leftSec <= Math.ceil((prefetch.percentage / 100) * entry.ttlSec);
      if (isLate && entry.hits >= prefetch.hits && !entry.refreshing) {
        this.#metrics.prefetches.inc();
        this.#refreshBehind(entry, keyOf(query), query, next);
      }
    }
    // With prefetch each hit counts, so none may be answered further up.
    return fresh(entry, query, nowMs, { keepTtl, reusable: prefetch === undefined });
  }

  /** An entry that expired less than `serve_stale` ago. */
  #expired(key: string, nowMs: number): Entry | undefined {
    const { stale: config } = this.#config;
    if (!config) return undefined;
    const entries = [this.#stores.success.get(key), this.#stores.denial.get(key)];
    return entries.find(
      (entry) =>
        entry &&
        entry.reply.rcode !== rcode.SERVFAIL &&
        nowMs < entry.storedMs + 1000 * entry.ttlSec + config.forMs,
    );
  }

  #serveStale(
    key: string,
    entry: Entry,
    query: Query,
    next: Next,
    nowMs: number,
  ): Eventually<Reply> {
    const { stale: config } = this.#config;
    if (!config) return this.#miss(key, query, next);
    const told = (): Reply => {
      this.#metrics.stale.inc();
      return stale(entry, query, config.ttlSec);
    };
    const isQuiet = nowMs < entry.quietUntilMs;
    if (config.policy === 'immediate' || isQuiet) {
      if (!entry.refreshing && !isQuiet) this.#refreshBehind(entry, key, query, next);
      return told();
    }
    return this.#verified(entry, key, query, next, config, told);
  }

  /** A fresh answer if there is one in time, else the stale one. */
  async #verified(
    entry: Entry,
    key: string,
    query: Query,
    next: Next,
    config: NonNullable<CacheConfig['stale']>,
    told: () => Reply,
  ): Promise<Reply> {
    const { promise: late, resolve } = Promise.withResolvers<undefined>();
    using _timer = this.#context.clock.schedule(config.verifyMs, () => resolve(undefined));
    const asked = Promise.resolve(this.#miss(key, query, next)).catch(() => undefined);
    const reply = await Promise.race([asked, late]);
    if (reply && (reply.rcode === rcode.NOERROR || reply.rcode === rcode.NXDOMAIN)) return reply;
    entry.quietUntilMs = this.#context.clock.nowMs() + config.recheckMs;
    return told();
  }

  #refreshBehind(entry: Entry, key: string, query: Query, next: Next): void {
    entry.refreshing = true;
    const failed = (): void => {
      entry.refreshing = false;
      const recheckMs = this.#config.stale?.recheckMs ?? 0;
      entry.quietUntilMs = this.#context.clock.nowMs() + recheckMs;
    };
    const refresh = async (): Promise<void> => {
      const reply = await next({ ...query, authenticData: true });
      if (reply.rcode !== rcode.NOERROR && reply.rcode !== rcode.NXDOMAIN) failed();
      else {
        this.#keep(key, query, reply);
        entry.refreshing = false;
      }
    };
    // The client has its answer; that the refresh failed shows in the forward metrics.
    refresh().catch(failed);
  }

  #miss(key: string, query: Query, next: Next): Eventually<Reply> {
    this.#metrics.misses.inc();
    const underWay = this.#underWay.get(key);
    if (underWay) return this.#share(underWay, query, next);
    // AD asks upstream for its verdict, so that one entry serves clients with and without it.
    const reply = next({ ...query, authenticData: true });
    if (!(reply instanceof Promise)) return this.#told(key, query, reply);
    if (this.#underWay.size < maxShared) this.#underWay.set(key, reply);
    return reply
      .then((later) => this.#told(key, query, later))
      .finally(() => {
        if (this.#underWay.get(key) === reply) this.#underWay.delete(key);
      });
  }

  /** One question to upstream for all who ask it meanwhile: less to forge an answer to (RFC 5452 §5). */
  async #share(underWay: Promise<Reply>, query: Query, next: Next): Promise<Reply> {
    const reply = await underWay;
    if (reply.plugin !== 'forward' || reply.truncated) return next(query);
    return this.#told(keyOf(query), query, reply);
  }

  #told(key: string, query: Query, reply: Reply): Reply {
    const ttlSec = this.#keep(key, query, reply);
    const told = ttlSec === undefined ? reply : withTtl(reply, ttlSec);
    return { ...told, ...forClient(told, query) };
  }

  /** The TTL under which it is kept; undefined: it is not. */
  #keep(key: string, query: Query, reply: Reply): number | undefined {
    const keep = keepFor(query, reply, this.#config);
    if (!keep) return undefined;
    const nowMs = this.#context.clock.nowMs();
    const entry: Entry = {
      reply,
      storedMs: nowMs,
      ttlSec: keep.ttlSec,
      hits: 0,
      lastHitMs: nowMs,
      refreshing: false,
      quietUntilMs: 0,
    };
    this.#stores[keep.store].set(key, entry);
    // What exists now is no longer denied; a failure takes nothing away.
    if (keep.store === 'success') this.#stores.denial.delete(key);
    else if (reply.rcode === rcode.NXDOMAIN || reply.rcode === rcode.NOERROR) {
      this.#stores.success.delete(key);
    }
    for (const store of ['success', 'denial'] as const) {
      this.#metrics.entries[store].set(this.#stores[store].size);
    }
    return keep.ttlSec;
  }
}

/** CD decides whether upstream checks, DO whether signatures come along: they are other answers. */
function keyOf({ lower, type, edns, checkingDisabled }: Query): string {
  const flags = (edns?.dnssecOk ? 1 : 0) | (checkingDisabled ? 2 : 0);
  return `${type} ${flags} ${lower.join('\u0100')}`;
}
