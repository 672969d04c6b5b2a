import type { SumRow } from '../metrics/sums.ts';
import { type Bucket, histogramQuantile } from './quantile.ts';
import type { Growth } from './readings.ts';

/** What went through this node between two moments, per second where not said otherwise. */
export interface Traffic {
  readonly ingress: {
    readonly requests: number;
    /** Answers with a status of 500 and above. */
    readonly errors: number;
    readonly byCode: Readonly<Record<string, number>>;
    /** Undefined: no request ended. */
    readonly p50Ms: number | undefined;
    readonly p99Ms: number | undefined;
    /** Levels, not rates. */
    readonly active: number;
    readonly connections: number;
    /** The busiest first. */
    readonly routes: readonly RouteTraffic[];
  };
  readonly l4: {
    readonly connections: number;
    readonly rejected: number;
    readonly receivedBytes: number;
    readonly sentBytes: number;
    /** A level. */
    readonly active: number;
  };
  readonly dns: {
    readonly queries: number;
    readonly byRcode: Readonly<Record<string, number>>;
    readonly byZone: Readonly<Record<string, number>>;
    readonly p50Ms: number | undefined;
    readonly p99Ms: number | undefined;
  };
  /** The busiest first; L4 connections and HTTP requests are different things, so two figures. */
  readonly services: readonly ServiceTraffic[];
}

export interface RouteTraffic {
  readonly namespace: string;
  readonly ingress: string;
  readonly requests: number;
  readonly errors: number;
}

export interface ServiceTraffic {
  readonly namespace: string;
  readonly service: string;
  readonly connections: number;
  readonly requests: number;
  readonly errors: number;
}

/** Rows of each list: more, nobody reads at a second's pace. */
const maxRows = 100;

/** Computes rates from what counters grew by. */
export function trafficOf(growth: Growth): Traffic {
  const { seconds, grown, levels } = growth;
  const rows = (metric: string): readonly SumRow[] => grown.filter((row) => row.metric === metric);
  const rate = (metric: string): number => total(rows(metric)) / seconds;
  const level = (metric: string): number => total(levels.filter((row) => row.metric === metric));
  const requests = rows('portolan_ingress_requests_total');
  const responses = rows('coredns_dns_responses_total');
  const latency = (metric: string) => quantiles(rows(`${metric}_bucket`));
  return {
    ingress: {
      requests: total(requests) / seconds,
      errors: total(requests.filter(isError)) / seconds,
      byCode: ratesBy(requests, 3, seconds),
      ...latency('portolan_ingress_request_duration_seconds'),
      active: level('portolan_ingress_active_requests'),
      connections: level('portolan_ingress_connections'),
      routes: routesOf(requests, seconds),
    },
    l4: {
      connections: rate('portolan_l4_connections_total'),
      rejected: rate('portolan_l4_rejected_total'),
      receivedBytes: rate('portolan_l4_received_bytes_total'),
      sentBytes: rate('portolan_l4_sent_bytes_total'),
      active: level('portolan_l4_connections_active'),
    },
    dns: {
      queries: total(responses) / seconds,
      byRcode: ratesBy(responses, 1, seconds),
      byZone: ratesBy(responses, 0, seconds),
      ...latency('coredns_dns_request_duration_seconds'),
    },
    services: servicesOf(requests, rows('portolan_l4_connections_total'), seconds),
  };
}

function total(rows: readonly SumRow[]): number {
  return rows.reduce((sum, { value }) => sum + value, 0);
}

/** Label 3 of `portolan_ingress_requests_total` is the class of the status. */
function isError({ labels }: SumRow): boolean {
  return labels[3]?.startsWith('5') === true;
}

function ratesBy(
  rows: readonly SumRow[],
  label: number,
  seconds: number,
): Readonly<Record<string, number>> {
  const sums = new Map<string, number>();
  for (const { labels, value } of rows) {
    const name = labels[label] ?? '';
    sums.set(name, (sums.get(name) ?? 0) + value / seconds);
  }
  return Object.fromEntries([...sums].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function quantiles(rows: readonly SumRow[]): {
  readonly p50Ms: number | undefined;
  readonly p99Ms: number | undefined;
} {
  const byBound = new Map<number, number>();
  for (const { labels, value } of rows) {
    const upTo = labels[0] === '+Inf' ? Number.POSITIVE_INFINITY : Number(labels[0]);
    byBound.set(upTo, (byBound.get(upTo) ?? 0) + value);
  }
  const buckets: readonly Bucket[] = [...byBound].map(([upTo, count]) => ({ upTo, count }));
  const at = (share: number): number | undefined => {
    const seconds = histogramQuantile(buckets, share);
    return seconds === undefined ? undefined : seconds * 1000;
  };
  return { p50Ms: at(0.5), p99Ms: at(0.99) };
}

function routesOf(requests: readonly SumRow[], seconds: number): readonly RouteTraffic[] {
  const routes = new Map<string, { -readonly [K in keyof RouteTraffic]: RouteTraffic[K] }>();
  for (const row of requests) {
    const [namespace = '', ingress = ''] = row.labels;
    const key = `${namespace}/${ingress}`;
    const route = routes.get(key) ?? { namespace, ingress, requests: 0, errors: 0 };
    route.requests += row.value / seconds;
    if (isError(row)) route.errors += row.value / seconds;
    routes.set(key, route);
  }
  return [...routes.values()].toSorted((a, b) => b.requests - a.requests).slice(0, maxRows);
}

function servicesOf(
  requests: readonly SumRow[],
  connections: readonly SumRow[],
  seconds: number,
): readonly ServiceTraffic[] {
  const services = new Map<string, { -readonly [K in keyof ServiceTraffic]: ServiceTraffic[K] }>();
  const of = (namespace: string, service: string) => {
    const key = `${namespace}/${service}`;
    const known = services.get(key) ?? {
      namespace,
      service,
      connections: 0,
      requests: 0,
      errors: 0,
    };
    services.set(key, known);
    return known;
  };
  for (const { labels, value } of connections) {
    const [namespace = '', service = ''] = (labels[0] ?? '').split('/');
    of(namespace, service).connections += value / seconds;
  }
  for (const row of requests) {
    const [namespace = '', , service = ''] = row.labels;
    // Answered by the engine itself: no Service had a part in it.
    if (service === '') continue;
    const one = of(namespace, service);
    one.requests += row.value / seconds;
    if (isError(row)) one.errors += row.value / seconds;
  }
  const busy = ({ connections: l4, requests: l7 }: ServiceTraffic): number => l4 + l7;
  return [...services.values()].toSorted((a, b) => busy(b) - busy(a)).slice(0, maxRows);
}
