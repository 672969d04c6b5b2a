import type {
  BoundCounter,
  BoundHistogram,
  Family,
  Meter,
} from '../../../controller/base/index.ts';
import { formatRcode } from '../../wire/index.ts';

/** 0.25 ms × 2ⁿ, as CoreDNS's dashboards expect. */
const buckets = Array.from({ length: 16 }, (_, n) => 0.00025 * 2 ** n);

/** More upstreams than one configuration may name: bounds the label over reloads. */
const maxSeries = 1000;

/** What the stock CoreDNS dashboards show of forwarding, under their names. */
export class ForwardMetrics {
  readonly rejects: BoundCounter;
  /** All upstreams were down when a query came. */
  readonly allBroken: BoundCounter;
  readonly #checkFailures: Family<BoundCounter>;
  readonly #durations: Family<BoundHistogram>;
  readonly #series: Map<string, BoundHistogram> = new Map();

  constructor(meter: Meter) {
    this.rejects = meter
      .counter({
        name: 'coredns_forward_max_concurrent_rejects_total',
        help: 'Queries refused because too many were being forwarded.',
      })
      .bind();
    this.allBroken = meter
      .counter({
        name: 'coredns_forward_healthcheck_broken_total',
        help: 'Queries that came while every upstream was down.',
      })
      .bind();
    this.#checkFailures = meter.counter({
      name: 'coredns_proxy_healthcheck_failures_total',
      help: 'Failed checks of an upstream.',
      labelNames: ['proxy_name', 'to'],
    });
    this.#durations = meter.histogram({
      name: 'coredns_proxy_request_duration_seconds',
      help: 'Time that an upstream took to answer.',
      labelNames: ['proxy_name', 'to', 'rcode'],
      buckets,
    });
  }

  /** `to`: `address:port` of a configured upstream. */
  answered(to: string, rcode: number, tookMs: number): void {
    const key = `${to} ${rcode}`;
    let series = this.#series.get(key);
    if (!series) {
      if (this.#series.size >= maxSeries) return;
      series = this.#durations.bind({ proxy_name: 'forward', to, rcode: formatRcode(rcode) });
      this.#series.set(key, series);
    }
    series.observe(tookMs / 1000);
  }

  checkFailed(to: string): void {
    this.#checkFailures.bind({ proxy_name: 'forward', to }).inc();
  }
}
