import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { histogramQuantile } from '../../../daemon/live/quantile.ts';
import { growthBetween, type Reading } from '../../../daemon/live/readings.ts';
import { trafficOf } from '../../../daemon/live/traffic.ts';
import type { SumRow } from '../../../daemon/metrics/sums.ts';

const requests = 'portolan_ingress_requests_total';
const active = 'portolan_ingress_active_requests';

function row(metric: string, value: number, ...labels: readonly string[]): SumRow {
  return { metric, labels, value };
}

function reading(
  atMs: number,
  byProcess: Readonly<Record<number, readonly SumRow[] | undefined>>,
): Reading {
  const entries = Object.entries(byProcess).map(([pid, rows]) => [Number(pid), rows] as const);
  return { atMs, byProcess: new Map(entries) };
}

const web = ['shop', 'web', 'web'] as const;

const growths = [
  {
    name: 'a counter grows',
    before: { 1: [row(requests, 10, ...web, '2xx')] },
    after: { 1: [row(requests, 25, ...web, '2xx')] },
    grown: 15,
  },
  {
    name: 'a process that is new counts from nothing',
    before: { 1: [row(requests, 10, ...web, '2xx')] },
    after: { 1: [row(requests, 10, ...web, '2xx')], 2: [row(requests, 4, ...web, '2xx')] },
    grown: 4,
  },
  {
    name: 'a process that is gone takes nothing back',
    before: { 1: [row(requests, 10, ...web, '2xx')], 2: [row(requests, 4, ...web, '2xx')] },
    after: { 1: [row(requests, 11, ...web, '2xx')] },
    grown: 1,
  },
  {
    name: 'one that did not answer the first time is left out, not counted from nothing',
    before: { 1: undefined },
    after: { 1: [row(requests, 1_000_000, ...web, '2xx')] },
    grown: 0,
  },
  {
    name: 'one that does not answer now is left out',
    before: { 1: [row(requests, 10, ...web, '2xx')] },
    after: { 1: undefined },
    grown: 0,
  },
] as const;

for (const { name, before, after, grown } of growths) {
  test(name, () => {
    const growth = growthBetween(reading(0, before), reading(1_000, after));
    equal(
      growth.grown.reduce((sum, one) => sum + one.value, 0),
      grown,
    );
  });
}

test('rates are per second, errors are 5xx, the busiest come first', () => {
  const growth = growthBetween(
    reading(0, { 1: [] }),
    reading(2_000, {
      1: [
        row(requests, 40, 'shop', 'web', 'web', '2xx'),
        row(requests, 10, 'shop', 'web', 'web', '5xx'),
        row(requests, 100, 'shop', 'cart', 'cart', '2xx'),
        row(requests, 6, '', '', '', '4xx'),
        row(active, 7),
        row('portolan_l4_connections_total', 8, 'shop/web'),
        row('coredns_dns_responses_total', 20, 'cluster.local.', 'NOERROR'),
        row('coredns_dns_responses_total', 2, '.', 'NXDOMAIN'),
      ],
    }),
  );
  const { ingress, l4, dns, services } = trafficOf(growth);
  deepEqual(
    [ingress.requests, ingress.errors, ingress.active, l4.connections, dns.queries],
    [78, 5, 7, 4, 11],
  );
  deepEqual(ingress.byCode, { '2xx': 70, '4xx': 3, '5xx': 5 });
  deepEqual(dns.byRcode, { NOERROR: 10, NXDOMAIN: 1 });
  deepEqual(
    ingress.routes.map((one) => [one.ingress, one.requests, one.errors]),
    [
      ['cart', 50, 0],
      ['web', 25, 5],
      ['', 3, 0],
    ],
  );
  deepEqual(
    services.map((one) => [one.service, one.connections, one.requests]),
    [
      ['cart', 0, 50],
      ['web', 4, 25],
    ],
  );
});

const buckets = [
  { upTo: 0.01, count: 50 },
  { upTo: 0.1, count: 90 },
  { upTo: 1, count: 99 },
  { upTo: Number.POSITIVE_INFINITY, count: 100 },
];
const quantiles = [
  { share: 0.25, seconds: 0.005 },
  { share: 0.5, seconds: 0.01 },
  { share: 0.7, seconds: 0.055 },
  // What lies beyond the last bound is at least that.
  { share: 1, seconds: 1 },
];
for (const { share, seconds } of quantiles) {
  test(`the ${share} quantile is ${seconds} s`, () => {
    const found = histogramQuantile(buckets, share) ?? Number.NaN;
    ok(Math.abs(found - seconds) < 1e-9, String(found));
  });
}

test('no observation, no quantile', () => {
  equal(histogramQuantile([{ upTo: 1, count: 0 }], 0.5), undefined);
  equal(histogramQuantile([], 0.5), undefined);
});
