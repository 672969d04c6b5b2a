import { deepEqual, equal, match } from 'node:assert/strict';
import { test } from 'node:test';
import { runTop, type ServerSentEvent } from '../../../daemon/cli/top.ts';
import { growthBetween } from '../../../daemon/live/readings.ts';
import { trafficOf } from '../../../daemon/live/traffic.ts';
import { Paper } from './paper.ts';

const admin = { host: '127.0.0.1', port: 9900 };
const nothing = { atMs: 0, byProcess: new Map() };
const sample = { atMs: 0, ...trafficOf(growthBetween(nothing, { ...nothing, atMs: 1_000 })) };

async function* stream(samples: number): AsyncIterable<ServerSentEvent> {
  yield { event: 'state', data: '{}' };
  const services = [
    { namespace: 'shop', service: 'web\u001b[2J', connections: 12_345, requests: 0.5, errors: 0 },
  ];
  for (let count = 0; count < samples; count += 1) {
    yield { event: 'traffic', data: JSON.stringify({ ...sample, services }) };
  }
}

const cases = [
  { name: 'ends after as many as asked for', count: 2, samples: 5, printed: 2 },
  { name: 'ends with the daemon', count: undefined, samples: 3, printed: 3 },
] as const;
for (const { name, count, samples, printed } of cases) {
  test(`top ${name}`, async () => {
    const paper = new Paper();
    const command = { kind: 'top', count, rows: 10, admin } as const;
    equal(await runTop(command, () => stream(samples), paper, false), 0);
    equal(paper.output.split('per second').length - 1, printed);
  });
}

test('top shows rates, and nothing that moves the cursor but its own', async () => {
  const paper = new Paper();
  const command = { kind: 'top', count: 1, rows: 10, admin } as const;
  await runTop(command, () => stream(1), paper, true);
  match(paper.output, /shop\s+web\\u001b\[2J\s+12\.3k\s+0\.5\s+0/);
  deepEqual(paper.output.split('\u001b').length - 1, 2);
});
