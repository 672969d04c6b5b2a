import type {
  BoundCounter,
  BoundGauge,
  BoundHistogram,
  Family,
  Labels,
  Meter,
} from '../../../controller/base/index.ts';
import type { Route, RouteTable } from '../../compile/table.ts';
import { NginxMetrics } from './nginx-metrics.ts';
import { SeriesFamily } from './series-family.ts';

/** Seconds: from answers out of memory to the default read timeout. */
const durationBuckets = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/**
 * What the engine measures. Labels come from the table alone, never from a request, and the
 * series of an Ingress that is gone are forgotten.
 */
export class EngineMetrics {
  readonly activeRequests: BoundGauge;
  readonly retries: BoundCounter;
  readonly handshakeFailures: BoundCounter;
  readonly proxyHeadersRefused: BoundCounter;
  readonly connectionsShed: BoundCounter;
  readonly #connections: Family<BoundGauge>;
  readonly #http2Errors: Family<BoundCounter>;
  #routes = new WeakMap<object, RouteSeries>();
  readonly #requests: SeriesFamily<BoundCounter>;
  readonly #durations: SeriesFamily<BoundHistogram>;
  readonly #failures: SeriesFamily<BoundCounter>;
  readonly #ejections: SeriesFamily<BoundCounter>;
  /** By the names of ingress-nginx. */
  readonly nginx: NginxMetrics;

  constructor(meter: Meter) {
    this.nginx = new NginxMetrics(meter);
    this.activeRequests = meter
      .gauge({ name: 'portolan_ingress_active_requests', help: 'Requests under way.' })
      .bind();
    this.retries = meter
      .counter({
        name: 'portolan_ingress_retries_total',
        help: 'Requests sent again, to another endpoint or on a new connection.',
      })
      .bind();
    this.handshakeFailures = meter
      .counter({
        name: 'portolan_ingress_tls_handshake_failures_total',
        help: 'TLS handshakes with clients that failed.',
      })
      .bind();
    this.connectionsShed = meter
      .counter({
        name: 'portolan_ingress_connections_shed_total',
        help: 'Client connections lost: too many of them, or of open files.',
      })
      .bind();
    this.proxyHeadersRefused = meter
      .counter({
        name: 'portolan_ingress_proxy_headers_refused_total',
        help: 'Connections cut for want of a PROXY header, or of the right to send one.',
      })
      .bind();
    this.#http2Errors = meter.counter({
      name: 'portolan_ingress_http2_errors_total',
      help: 'Client connections of HTTP/2 that were ended for what the client did.',
      labelNames: ['code'],
    });
    this.#connections = meter.gauge({
      name: 'portolan_ingress_connections',
      help: 'Client connections open.',
      labelNames: ['listener'],
    });
    this.#requests = new SeriesFamily(
      meter.counter({
        name: 'portolan_ingress_requests_total',
        help: 'Requests answered, by class of status; 499: the client went away first.',
        labelNames: ['namespace', 'ingress', 'service', 'code'],
      }),
    );
    this.#durations = new SeriesFamily(
      meter.histogram({
        name: 'portolan_ingress_request_duration_seconds',
        help: 'From the request head read to the end of the response.',
        labelNames: ['namespace', 'ingress'],
        buckets: durationBuckets,
      }),
    );
    this.#failures = new SeriesFamily(
      meter.counter({
        name: 'portolan_ingress_upstream_failures_total',
        help: 'Tries at an endpoint that gave no response.',
        labelNames: ['namespace', 'service', 'reason'],
      }),
    );
    this.#ejections = new SeriesFamily(
      meter.counter({
        name: 'portolan_ingress_ejections_total',
        help: 'Endpoints left out for a while because requests to them failed in a row.',
        labelNames: ['namespace', 'service'],
      }),
    );
  }

  /** `code`: name of an error code of HTTP/2 (RFC 9113 §7): a handful. */
  http2Failed(code: string): void {
    this.#http2Errors.bind({ code }).inc();
  }

  connections(listener: string): BoundGauge {
    return this.#connections.bind({ listener });
  }

  /** `route` undefined: a default backend, or nobody. `service`: '' where none was reached. */
  requestEnded(route: Route | undefined, service: string, status: number, seconds: number): void {
    const known = this.#ofRoute(route, service);
    // Statuses are 100 to 599, so 0 is free for the one that is counted by itself.
    const digit = status === 499 ? 0 : Math.trunc(status / 100);
    let requests = known.requests[digit];
    if (requests === undefined) {
      const code = digit === 0 ? '499' : `${digit}xx`;
      requests = this.#requests.get({ ...known.labels, service, code });
      known.requests[digit] = requests;
    }
    requests.inc();
    known.durations.observe(seconds);
  }

  /** The series of a route, without building their labels for each request. */
  #ofRoute(route: Route | undefined, service: string): RouteSeries {
    const key = route ?? noRoute;
    const known = this.#routes.get(key);
    if (known?.service === service) return known;
    const labels = {
      namespace: route?.ingress.namespace ?? '',
      ingress: route?.ingress.name ?? '',
    };
    const series = { service, labels, requests: [], durations: this.#durations.get(labels) };
    this.#routes.set(key, series);
    return series;
  }

  upstreamFailed(namespace: string, service: string, reason: string): void {
    this.#failures.get({ namespace, service, reason }).inc();
  }

  endpointEjected(namespace: string, service: string): void {
    this.#ejections.get({ namespace, service }).inc();
  }

  /** Forgets series of Ingresses and Services that the table no longer has. */
  keepOnly(table: RouteTable): void {
    const ingresses = new Set(['/']);
    const services = new Set(['/']);
    for (const { routes } of table.hosts.values()) {
      for (const { ingress } of routes) ingresses.add(`${ingress.namespace}/${ingress.name}`);
    }
    for (const { namespace, service } of table.pools.values()) {
      services.add(`${namespace}/${service}`);
    }
    const hasIngress = (labels: Labels): boolean =>
      ingresses.has(`${labels['namespace']}/${labels['ingress']}`);
    this.#routes = new WeakMap();
    this.#requests.keep(hasIngress);
    this.#durations.keep(hasIngress);
    this.nginx.keep(hasIngress);
    const hasService = (labels: Labels): boolean =>
      services.has(`${labels['namespace']}/${labels['service']}`);
    this.#failures.keep(hasService);
    this.#ejections.keep(hasService);
  }
}

/** What one route counts in; `requests` by the first digit of the status. */
interface RouteSeries {
  readonly service: string;
  readonly labels: { readonly namespace: string; readonly ingress: string };
  readonly requests: (BoundCounter | undefined)[];
  readonly durations: BoundHistogram;
}

/** Stands for requests that no route took. */
const noRoute = {};
