import { hostname } from 'node:os';
import type {
  BoundCounter,
  BoundHistogram,
  Labels,
  Meter,
} from '../../../controller/base/index.ts';
import type { Route } from '../../compile/table.ts';
import { SeriesFamily } from './series-family.ts';

/** What is known of a request that is over. */
export interface EndedRequest {
  /** As the table has it: never what a client wrote. */
  readonly host: string;
  readonly service: string;
  readonly method: string;
  readonly status: number;
  readonly seconds: number;
  /** Bodies alone. */
  readonly receivedBytes: number;
  readonly sentBytes: number;
}

/** Prometheus' own, which ingress-nginx has. */
const durationBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
/** Of little use, but dashboards show `_sum` and `_count`. */
const sizeBuckets = [10, 20, 30, 40, 50, 60, 70, 80, 90, 100];

const labelNames = [
  'controller_class',
  'controller_namespace',
  'controller_pod',
  'namespace',
  'ingress',
  'service',
  'canary',
  'host',
  'path',
  'method',
  'status',
];

const methods: ReadonlySet<string> = new Set([
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
]);

/** Of one route. Clients choose methods and endpoints statuses: the rest is counted together. */
const mostSeries = 64;

interface RequestSeries {
  readonly requests: BoundCounter;
  readonly duration: BoundHistogram;
  readonly received: BoundHistogram;
  readonly sent: BoundHistogram;
}

/**
 * Requests by the names and labels that dashboards and alerts for ingress-nginx ask for. For routes
 * in its profile alone.
 */
export class NginxMetrics {
  readonly #requests: SeriesFamily<BoundCounter>;
  readonly #durations: SeriesFamily<BoundHistogram>;
  readonly #received: SeriesFamily<BoundHistogram>;
  readonly #sent: SeriesFamily<BoundHistogram>;
  readonly #pod = hostname();
  #routes = new WeakMap<Route, Map<string, RequestSeries>>();

  constructor(meter: Meter) {
    this.#requests = new SeriesFamily(
      meter.counter({
        name: 'nginx_ingress_controller_requests',
        help: 'Requests of Ingresses in the profile of ingress-nginx.',
        labelNames,
      }),
    );
    this.#durations = new SeriesFamily(
      meter.histogram({
        name: 'nginx_ingress_controller_request_duration_seconds',
        help: 'From the request head read to the end of the response.',
        labelNames,
        buckets: durationBuckets,
      }),
    );
    this.#received = new SeriesFamily(
      meter.histogram({
        name: 'nginx_ingress_controller_request_size',
        help: 'Bytes of request bodies.',
        labelNames,
        buckets: sizeBuckets,
      }),
    );
    this.#sent = new SeriesFamily(
      meter.histogram({
        name: 'nginx_ingress_controller_response_size',
        help: 'Bytes of response bodies.',
        labelNames,
        buckets: sizeBuckets,
      }),
    );
  }

  /** Counts a request of `route`, if that is to be counted here. */
  ended(route: Route, request: EndedRequest): void {
    if (route.options?.nginxMetrics !== true) return;
    const series = this.#seriesOf(route, request);
    series.requests.inc();
    series.duration.observe(request.seconds);
    series.received.observe(request.receivedBytes);
    series.sent.observe(request.sentBytes);
  }

  /** Forgets series of Ingresses that are gone. */
  keep(wanted: (labels: Labels) => boolean): void {
    this.#routes = new WeakMap();
    for (const one of [this.#requests, this.#durations, this.#received, this.#sent]) {
      one.keep(wanted);
    }
  }

  #seriesOf(route: Route, { host, service, method, status }: EndedRequest): RequestSeries {
    const known = this.#routes.get(route) ?? new Map<string, RequestSeries>();
    this.#routes.set(route, known);
    const isFull = known.size >= mostSeries;
    const exact = `${service} ${method} ${status}`;
    const found = known.get(exact) ?? (isFull ? known.get('') : undefined);
    if (found) return found;
    const { backend, ingress, path } = route;
    const main = backend.kind === 'pool' ? serviceOf(backend.pool) : service;
    const { namespace, name } = ingress;
    const labels: Labels = {
      controller_class: 'k8s.io/ingress-nginx',
      controller_namespace: 'ingress-nginx',
      controller_pod: this.#pod,
      namespace,
      ingress: name,
      service: main,
      canary: service === '' || service === main ? '' : `${namespace}-${service}`,
      host: host === '' ? '_' : host,
      path,
      method: isFull ? '' : methods.has(method) ? method : 'OTHER',
      status: isFull ? '' : `${status}`,
    };
    const made: RequestSeries = {
      requests: this.#requests.get(labels),
      duration: this.#durations.get(labels),
      received: this.#received.get(labels),
      sent: this.#sent.get(labels),
    };
    known.set(isFull ? '' : exact, made);
    return made;
  }
}

/** Of `namespace/service:port`. */
function serviceOf(pool: string): string {
  return pool.slice(pool.indexOf('/') + 1).split(':')[0] ?? '';
}
