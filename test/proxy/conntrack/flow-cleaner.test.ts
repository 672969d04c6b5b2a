import { deepEqual, equal } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { DataPlaneError, silentLog } from '../../../controller/base/index.ts';
import type { ServicePort } from '../../../proxy/compile/table.ts';
import { deletionOf, parseFlow } from '../../../proxy/conntrack/flow.ts';
import { FlowCleaner } from '../../../proxy/conntrack/index.ts';
import { FakeClock } from '../../fakes/clock.ts';
import { MemoryMeter } from '../../fakes/meter.ts';
import { ProblemBook } from '../../fakes/problems.ts';
import { endpoint, servicePort, tableOf } from '../planes/kernel/fixtures.ts';

const line = (to: string, port: number, reply: string, from = '10.244.0.9'): string =>
  `udp      17 99 src=${from} dst=${to} sport=1000 dport=${port} [UNREPLIED] src=${reply} dst=${from} sport=53 dport=1000 mark=0 use=1`;

const parseCases = [
  [line('10.96.0.10', 53, '10.244.0.2'), '10.96.0.10 53 10.244.0.2'],
  [
    'udp      17 119 src=fd00::1 dst=fd96::1 sport=1 dport=53 packets=1 bytes=9 src=fd44::1 dst=fd00::1 sport=53 dport=1 packets=1 bytes=9 [ASSURED] mark=0 use=1',
    'fd96::1 53 fd44::1',
  ],
  ['tcp      6 99 ESTABLISHED src=1.1.1.1 dst=2.2.2.2 sport=1 dport=2 src=2.2.2.2 dst=1.1.1.1', ''],
  ['conntrack v1.4.7 (conntrack-tools): 2 flow entries have been shown.', ''],
  ['', ''],
] as const;
for (const [text, expected] of parseCases) {
  test(`conntrack line "${text.slice(0, 40)}" is flow "${expected}"`, () => {
    const flow = parseFlow(text);
    equal(flow ? `${flow.destination} ${flow.destinationPort} ${flow.replySource}` : '', expected);
  });
}

test('a deletion names the whole flow, so that it cannot hit another', () => {
  const flow = parseFlow(line('fd96::1', 53, 'fd44::1', 'fd00::7'));
  equal(
    flow && deletionOf(flow),
    '-D -f ipv6 -p udp -s fd00::7 -d fd96::1 --sport 1000 --dport 53',
  );
});

const dns = (fields: Partial<ServicePort>): ServicePort =>
  servicePort({ name: 'dns', protocol: 'UDP', clusterIP: '10.96.0.10', port: 53, ...fields });

const stays = dns({ clusterEndpoints: [endpoint('10.244.0.2')] });
const cases = [
  {
    why: 'its endpoint stays',
    flow: line('10.96.0.10', 53, '10.244.0.2'),
    after: stays,
    gone: false,
  },
  {
    why: 'its endpoint is gone',
    flow: line('10.96.0.10', 53, '10.244.0.1'),
    after: stays,
    gone: true,
  },
  {
    why: 'nothing was rewritten',
    flow: line('10.96.0.10', 53, '10.96.0.10'),
    after: stays,
    gone: true,
  },
  {
    why: 'another port of the address',
    flow: line('10.96.0.10', 54, '10.244.0.1'),
    after: stays,
    gone: false,
  },
  { why: 'not a Service', flow: line('8.8.8.8', 53, '8.8.8.8'), after: stays, gone: false },
  {
    why: 'scaled to zero',
    flow: line('10.96.0.10', 53, '10.244.0.1'),
    after: dns({ hasAnyEndpoint: false }),
    gone: true,
  },
  { why: 'deleted', flow: line('10.96.0.10', 53, '10.244.0.1'), after: undefined, gone: true },
  {
    why: 'it terminates and still serves',
    flow: line('10.96.0.10', 53, '10.244.0.1'),
    after: dns({
      clusterEndpoints: [endpoint('10.244.0.2')],
      unusedEndpoints: [endpoint('10.244.0.1', { terminating: true })],
      alsoServing: ['10.244.0.1'],
    }),
    gone: false,
  },
  {
    why: 'hints send new flows elsewhere, and it still serves',
    flow: line('10.96.0.10', 53, '10.244.0.1'),
    after: dns({ clusterEndpoints: [endpoint('10.244.0.2')], alsoServing: ['10.244.0.1'] }),
    gone: false,
  },
  {
    why: 'it terminates and serves no more',
    flow: line('10.96.0.10', 53, '10.244.0.1'),
    after: dns({
      clusterEndpoints: [endpoint('10.244.0.2')],
      unusedEndpoints: [endpoint('10.244.0.1', { terminating: true })],
    }),
    gone: true,
  },
  {
    why: 'through a node port of this node',
    flow: line('192.0.2.1', 30053, '10.244.0.1'),
    after: dns({ nodePort: 30053, clusterEndpoints: [endpoint('10.244.0.2')] }),
    gone: true,
  },
  {
    why: 'to the same port of some other machine',
    flow: line('198.51.100.7', 30053, '198.51.100.7'),
    after: dns({ nodePort: 30053, clusterEndpoints: [endpoint('10.244.0.2')] }),
    gone: false,
  },
];

/** A cleaner that sees `flows` and remembers what it would delete. */
function cleanerOf(flows: readonly string[]) {
  const calls: string[] = [];
  const meter = new MemoryMeter();
  const cleaner = new FlowCleaner({
    log: silentLog,
    meter,
    clock: new FakeClock(),
    problems: new ProblemBook(),
    node: { primary: ['192.0.2.1'], all: () => ['127.0.0.1'] },
    run: (_, args) => {
      calls.push(args[0] === '-R' ? readFileSync(args[1] ?? '', 'utf8') : args.join(' '));
      return Promise.resolve({ exitCode: 0, stdout: flows.join('\n'), stderr: '' });
    },
  });
  return { cleaner, calls, meter };
}

for (const { why, flow, after, gone } of cases) {
  test(`a UDP flow ${gone ? 'goes' : 'stays'}: ${why}`, async () => {
    const { cleaner, calls } = cleanerOf([flow]);
    const before = dns({ clusterEndpoints: [endpoint('10.244.0.1')] });
    const removed = after ? [] : [before.key];
    const upserted = after ? [after] : [];
    cleaner.synced(
      tableOf(2, upserted),
      { fromGeneration: 1, upserted, removed },
      new Map([[before.key, before]]),
    );
    await cleaner.settled();
    equal(calls.length, gone ? 2 : 1);
  });
}

test('changes that come while it runs are looked after in one more run', async () => {
  const { cleaner, calls, meter } = cleanerOf([line('10.96.0.10', 53, '10.244.0.1')]);
  for (let generation = 1; generation <= 5; generation += 1) {
    const diff = { fromGeneration: generation - 1, upserted: [stays], removed: [] };
    cleaner.synced(tableOf(generation, [stays]), diff, new Map());
  }
  await cleaner.settled();
  deepEqual(
    calls.map((call) => call.slice(0, 2)),
    ['-L', '-D', '-L', '-D'],
  );
  equal(meter.values.get('kubeproxy_conntrack_reconciler_deleted_entries_total'), 2);
});

test('TCP changes start nothing', async () => {
  const { cleaner, calls } = cleanerOf([]);
  const upserted = [servicePort({ clusterEndpoints: [endpoint('10.244.0.1')] })];
  cleaner.synced(tableOf(1, upserted), { fromGeneration: 0, upserted, removed: [] }, new Map());
  await cleaner.settled();
  deepEqual(calls, []);
});

test('without conntrack the user learns what to install, until it is there', async () => {
  const problems = new ProblemBook();
  let isInstalled = false;
  await using cleaner = new FlowCleaner({
    log: silentLog,
    meter: new MemoryMeter(),
    clock: new FakeClock(),
    problems,
    node: { primary: [], all: () => [] },
    run: async () => {
      if (isInstalled) return { exitCode: 0, stdout: '', stderr: '' };
      throw new DataPlaneError('ProgramMissing', 'conntrack is not installed', false);
    },
  });
  const diff = { fromGeneration: 0, upserted: [stays], removed: [] };
  cleaner.synced(tableOf(1, [stays]), diff, new Map());
  await cleaner.settled();
  deepEqual(
    problems.all.map(({ reason, instead }) => [reason, instead]),
    [['ProgramMissing', 'install the package conntrack']],
  );
  isInstalled = true;
  cleaner.synced(tableOf(2, [stays]), diff, new Map());
  await cleaner.settled();
  deepEqual(problems.all, []);
});
