import { equal, match } from 'node:assert/strict';
import { test } from 'node:test';
import {
  mergeSnapshots,
  PrometheusMeter,
  retire,
} from '../../../daemon/metrics/prometheus-meter.ts';

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

test('snapshots of processes add up', async () => {
  const snapshots = [await workerWith(2, 5).snapshot(), await workerWith(3, 7).snapshot()];
  const text = await mergeSnapshots(snapshots);
  match(text, /^requests_total\{code="200"\} 5$/m);
  match(text, /^sessions 12$/m);
  match(text, /^took_seconds_bucket\{le="1"\} 2$/m);
});

test('a process that ended leaves its counters and takes its levels with it', async () => {
  const gone = await retire([await workerWith(2, 5).snapshot()]);
  const text = await mergeSnapshots([gone, await workerWith(3, 7).snapshot()]);
  match(text, /^requests_total\{code="200"\} 5$/m);
  match(text, /^sessions 7$/m);
  match(text, /^took_seconds_count 2$/m);
});

test('a scrape twice gives the same counts', async () => {
  const meter = workerWith(4, 1);
  await meter.snapshot();
  match(await mergeSnapshots([await meter.snapshot()]), /^requests_total\{code="200"\} 4$/m);
});

test('an unbound series is gone', async () => {
  const meter = workerWith(4, 1);
  meter.counter(requests).unbind({ code: '200' });
  equal((await mergeSnapshots([await meter.snapshot()])).includes('code="200"'), false);
});

test('asking twice for a family gives the same series', async () => {
  const meter = new PrometheusMeter();
  meter.counter(requests).bind({ code: '200' }).inc();
  meter.counter(requests).bind({ code: '200' }).inc();
  match(await mergeSnapshots([await meter.snapshot()]), /^requests_total\{code="200"\} 2$/m);
});

test('with no process there is nothing, and no failure', async () => {
  equal((await mergeSnapshots([])).trim(), '');
});
