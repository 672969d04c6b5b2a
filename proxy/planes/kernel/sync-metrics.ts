import type {
  BoundCounter,
  BoundGauge,
  BoundHistogram,
  Clock,
  Meter,
} from '../../../controller/base/index.ts';
import type { IPFamily } from '../../../controller/objects/index.ts';
import type { ServicePort } from '../../compile/table.ts';

/** kube-proxy's: 1 ms, doubled 14 times. */
const durationBuckets = Array.from({ length: 15 }, (_, power) => 0.001 * 2 ** power);

/** The families that dashboards and alerts of kube-proxy read, by its names. */
export class SyncMetrics {
  readonly #clock: Clock;
  readonly #duration: BoundHistogram;
  readonly #full: BoundHistogram;
  readonly #partial: BoundHistogram;
  readonly #lastSync: BoundGauge;
  readonly #lastQueued: BoundGauge;
  readonly #serviceChanges: BoundCounter;
  readonly #endpointChanges: BoundCounter;
  readonly #syncFailures: BoundCounter;
  readonly #cleanupFailures: BoundCounter;
  readonly #noLocal: Readonly<Record<'internal' | 'external', BoundGauge>>;
  readonly #without = { internal: new Set<string>(), external: new Set<string>() };

  constructor(meter: Meter, clock: Clock, family: IPFamily, backend: 'nftables' | 'iptables') {
    this.#clock = clock;
    const labels = { ip_family: family };
    const labelNames = ['ip_family'];
    const histogram = (name: string, help: string): BoundHistogram =>
      meter.histogram({ name, help, labelNames, buckets: durationBuckets }).bind(labels);
    const gauge = (name: string, help: string): BoundGauge =>
      meter.gauge({ name, help, labelNames }).bind(labels);
    const counter = (name: string, help: string): BoundCounter =>
      meter.counter({ name, help, labelNames }).bind(labels);
    const sync = 'kubeproxy_sync_proxy_rules';
    this.#duration = histogram(`${sync}_duration_seconds`, 'Time that syncs took.');
    this.#full = histogram('kubeproxy_sync_full_proxy_rules_duration_seconds', 'Full syncs.');
    this.#partial = histogram(
      'kubeproxy_sync_partial_proxy_rules_duration_seconds',
      'Syncs of changes alone.',
    );
    this.#lastSync = gauge(`${sync}_last_timestamp_seconds`, 'When the last sync succeeded.');
    this.#lastQueued = gauge(
      `${sync}_last_queued_timestamp_seconds`,
      'When one was last asked for.',
    );
    this.#serviceChanges = counter(`${sync}_service_changes_total`, 'Service ports that changed.');
    this.#endpointChanges = counter(
      `${sync}_endpoint_changes_total`,
      'Service ports whose endpoints changed.',
    );
    this.#syncFailures =
      backend === 'nftables'
        ? counter(`${sync}_nftables_sync_failures_total`, 'Syncs that failed.')
        : counter(`${sync}_iptables_restore_failures_total`, 'Restores that failed.');
    this.#cleanupFailures = counter(
      `${sync}_${backend}_cleanup_failures_total`,
      'Deletions of unused objects that failed.',
    );
    const noLocal = meter.gauge({
      name: `${sync}_no_local_endpoints_total`,
      help: 'Services with a Local traffic policy and no endpoint on this node.',
      labelNames: [...labelNames, 'traffic_policy'],
    });
    this.#noLocal = {
      internal: noLocal.bind({ ...labels, traffic_policy: 'internal' }),
      external: noLocal.bind({ ...labels, traffic_policy: 'external' }),
    };
  }

  queued(changes: number): void {
    this.#lastQueued.set(this.#clock.wallMs() / 1000);
    this.#serviceChanges.inc(changes);
  }

  /** A Service port is about to be `next`; absent ones have no endpoints. */
  changes(before: ServicePort | undefined, next: ServicePort | undefined): void {
    if (endpointsText(before) !== endpointsText(next)) this.#endpointChanges.inc();
  }

  synced(kind: 'full' | 'partial', tookMs: number): void {
    this.#duration.observe(tookMs / 1000);
    (kind === 'full' ? this.#full : this.#partial).observe(tookMs / 1000);
    this.#lastSync.set(this.#clock.wallMs() / 1000);
  }

  syncFailed(): void {
    this.#syncFailures.inc();
  }

  cleanupFailed(): void {
    this.#cleanupFailures.inc();
  }

  /** Keeps count of Local policies without a local endpoint. `undefined`: the port is gone. */
  track(key: string, port: ServicePort | undefined): void {
    const lacks = port !== undefined && port.hasAnyEndpoint && port.localEndpoints.length === 0;
    this.#note('internal', key, lacks && port.internalPolicy === 'Local');
    this.#note('external', key, lacks && port.externalPolicy === 'Local');
  }

  #note(policy: 'internal' | 'external', key: string, isWithout: boolean): void {
    const before = this.#without[policy].size;
    if (isWithout) this.#without[policy].add(key);
    else this.#without[policy].delete(key);
    if (this.#without[policy].size !== before) {
      this.#noLocal[policy].set(this.#without[policy].size);
    }
  }
}

function endpointsText(port: ServicePort | undefined): string {
  return JSON.stringify([port?.clusterEndpoints ?? [], port?.localEndpoints ?? []]);
}
