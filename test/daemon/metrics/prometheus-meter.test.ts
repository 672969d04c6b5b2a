import { equal, match } from 'node:assert/strict';
import { test } from 'node:test';
import { PrometheusMeter } from '../../../daemon/metrics/prometheus-meter.ts';
import { exposition, retire } from '../../../daemon/metrics/snapshot.ts';

const requests = { name: 'requests_total', help: 'Requests.', labelNames: ['code'] };

function workerWith(count: number, sessions: number): PrometheusMeter {
  const meter = new PrometheusMeter();
  const counter = meter.counter(requests).bind({ code: '200' });
  for (let i = 0; i < count; i += 1) counter.inc();
  meter.gauge({ name: 'sessions', help: 'Sessions.' }).bind().set(sessions);
  meter
    .histogram({ name: 'took_seconds', help: 'Took.', buckets: [0.1, 1] })
    .bind()
    .observe(0.5);
  return meter;
}

test('snapshots of processes add up', () => {
  const snapshots = [workerWith(2, 5).snapshot(), workerWith(3, 7).snapshot()];
  const text = exposition(snapshots);
  match(text, /^requests_total\{code="200"\} 5$/m);
  match(text, /^sessions 12$/m);
  match(text, /^took_seconds_bucket\{le="1"\} 2$/m);
});

test('a process that ended leaves its counters and takes its levels with it', () => {
  const gone = retire([workerWith(2, 5).snapshot()]);
  const text = exposition([gone, workerWith(3, 7).snapshot()]);
  match(text, /^requests_total\{code="200"\} 5$/m);
  match(text, /^sessions 7$/m);
  match(text, /^took_seconds_count 2$/m);
});

test('a scrape twice gives the same counts', () => {
  const meter = workerWith(4, 1);
  meter.snapshot();
  match(exposition([meter.snapshot()]), /^requests_total\{code="200"\} 4$/m);
});

test('an unbound series is gone', () => {
  const meter = workerWith(4, 1);
  meter.counter(requests).unbind({ code: '200' });
  equal(exposition([meter.snapshot()]).includes('code="200"'), false);
});

test('asking twice for a family gives the same series', () => {
  const meter = new PrometheusMeter();
  meter.counter(requests).bind({ code: '200' }).inc();
  meter.counter(requests).bind({ code: '200' }).inc();
  match(exposition([meter.snapshot()]), /^requests_total\{code="200"\} 2$/m);
});

test('with no process there is nothing, and no failure', () => {
  equal(exposition([]).trim(), '');
});

test('the text is what Prometheus reads, with everything escaped', () => {
  const meter = new PrometheusMeter();
  meter
    .counter({ name: 'c_total', help: 'a\\b\nc', labelNames: ['x', 'y'] })
    .bind({ y: '"q"\n', x: '\\' })
    .inc(1.5);
  meter.gauge({ name: 'empty', help: 'Nothing yet.' });
  const took = meter.histogram({ name: 't', help: 'T.', labelNames: ['x'], buckets: [1, 2.5] });
  const bound = took.bind({ x: 'a' });
  // A bound belongs to its bucket.
  for (const value of [0.5, 1, 2, 9]) bound.observe(value);
  equal(
    exposition([meter.snapshot()]),
    `# HELP c_total a\\\\b\\nc
# TYPE c_total counter
c_total{x="\\\\",y="\\"q\\"\\n"} 1.5

# HELP empty Nothing yet.
# TYPE empty gauge

# HELP t T.
# TYPE t histogram
t_bucket{le="1",x="a"} 2
t_bucket{le="2.5",x="a"} 3
t_bucket{le="+Inf",x="a"} 4
t_sum{x="a"} 12.5
t_count{x="a"} 4
`,
  );
});

test('snapshots and sums survive being sent to another process', () => {
  const sent = structuredClone(workerWith(2, 5).snapshot());
  match(exposition([sent]), /^requests_total\{code="200"\} 2$/m);
});
