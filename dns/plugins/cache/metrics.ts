import type { BoundCounter, BoundGauge, Meter } from '../../../controller/base/index.ts';
import { formatName, type Name } from '../../wire/index.ts';

/** What the stock CoreDNS dashboards show of the cache, under their names. */
export class CacheMetrics {
  readonly requests: BoundCounter;
  readonly misses: BoundCounter;
  readonly prefetches: BoundCounter;
  readonly stale: BoundCounter;
  readonly hits: Readonly<Record<'success' | 'denial', BoundCounter>>;
  readonly evictions: Readonly<Record<'success' | 'denial', BoundCounter>>;
  readonly entries: Readonly<Record<'success' | 'denial', BoundGauge>>;

  constructor(meter: Meter, server: string, zones: readonly Name[]) {
    const where = { server, zones: zones.map(formatName).join(','), view: '' };
    const count = (what: string, help: string): BoundCounter =>
      meter
        .counter({
          name: `coredns_cache_${what}_total`,
          help,
          labelNames: ['server', 'zones', 'view'],
        })
        .bind(where);
    const labelNames = ['server', 'type', 'zones', 'view'];
    const countOf = (what: string, type: string, help: string): BoundCounter =>
      meter
        .counter({ name: `coredns_cache_${what}_total`, help, labelNames })
        .bind({ ...where, type });
    const levelOf = (type: string): BoundGauge =>
      meter
        .gauge({ name: 'coredns_cache_entries', help: 'Replies kept.', labelNames })
        .bind({ ...where, type });
    this.requests = count('requests', 'Queries that the cache saw.');
    this.misses = count('misses', 'Queries that the cache had no reply for.');
    this.prefetches = count('prefetch', 'Replies refreshed before they expired.');
    this.stale = count('served_stale', 'Expired replies served while upstream failed.');
    this.hits = {
      success: countOf('hits', 'success', 'Queries answered from the cache.'),
      denial: countOf('hits', 'denial', 'Queries answered from the cache.'),
    };
    this.evictions = {
      success: countOf('evictions', 'success', 'Replies dropped for want of room.'),
      denial: countOf('evictions', 'denial', 'Replies dropped for want of room.'),
    };
    this.entries = { success: levelOf('success'), denial: levelOf('denial') };
  }
}
