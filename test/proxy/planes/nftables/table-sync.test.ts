import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict';
import { test } from 'node:test';
import { DataPlaneError } from '../../../../controller/base/index.ts';
import type { ServicePort } from '../../../../proxy/compile/table.ts';
import { FakeNft } from '../../../../proxy/planes/nftables/fake-nft.ts';
import { createNftablesPlane } from '../../../../proxy/planes/nftables/index.ts';
import { endpoint, planeFixture, servicePort, tableOf } from '../kernel/fixtures.ts';

const table = 'ip portolan';
const ten = Array.from({ length: 10 }, (_, place) =>
  servicePort({
    name: `s${place}`,
    clusterIP: `10.96.0.${place + 1}`,
    clusterEndpoints: [endpoint(`10.244.0.${place + 1}`), endpoint('10.244.9.9')],
  }),
);

/** A plane on its own fake; `apply` makes tables that follow each other. */
function start(nft = new FakeNft()) {
  const fixture = planeFixture({ families: ['IPv4'] });
  const plane = createNftablesPlane(fixture.options, [], nft);
  let generation = 0;
  return {
    ...fixture,
    nft,
    plane,
    apply: async (ports: readonly ServicePort[]) => {
      generation += 1;
      return await plane.apply(tableOf(generation, ports), undefined);
    },
  };
}

test('a second plane on the same rules writes nothing', async () => {
  const first = start();
  await first.apply(ten);
  const second = start(first.nft);
  await second.apply(ten);
  equal(second.plane.writes, 0);
});

test('adoption writes differences alone', async () => {
  const first = start();
  await first.apply(ten);
  first.nft.applied.length = 0;
  const changed = servicePort({ ...ten[3], clusterEndpoints: [endpoint('10.244.0.77')] });
  await start(first.nft).apply([...ten.slice(0, 3), changed, ...ten.slice(5)]);
  const written = first.nft.applied.filter((text) => !text.includes('portolan-probe')).join('');
  match(written, /10\.244\.0\.77/);
  match(written, /delete element ip portolan services \{ 10\.96\.0\.5 \. 6 \. 80 \}/);
  ok(!written.includes('10.96.0.7'), 'an unchanged Service is not mentioned');
  deepEqual(first.nft.elements(table, 'endpoints-tcp').length, 17);
});

test('one changed endpoint costs two elements, and the same table again nothing', async () => {
  const { nft, apply } = start();
  await apply(ten);
  nft.applied.length = 0;
  const [first, ...others] = ten;
  const changed = servicePort({
    ...first,
    clusterEndpoints: [endpoint('10.244.7.7'), endpoint('10.244.9.9')],
  });
  await apply([changed, ...others]);
  await apply([changed, ...others]);
  deepEqual(nft.applied, [
    [
      'delete element ip portolan endpoints-tcp { 10.96.0.1 . 80 . 0 }',
      'delete element ip portolan hairpins { 10.244.0.1 . 10.244.0.1 }',
      'add element ip portolan endpoints-tcp { 10.96.0.1 . 80 . 0 : 10.244.7.7 . 8080 }',
      'add element ip portolan hairpins { 10.244.7.7 . 10.244.7.7 }',
      '',
    ].join('\n'),
  ]);
});

test('a shared address stays while one Service still has it', async () => {
  const { nft, apply } = start();
  await apply(ten);
  await apply(ten.slice(0, 1));
  ok(nft.elements(table, 'hairpins').includes('10.244.9.9 . 10.244.9.9'));
  await apply([]);
  deepEqual(nft.elements(table, 'hairpins'), []);
});

test('a refused Service is found, isolated and reported; the rest is applied', async () => {
  const { nft, apply, problems } = start();
  nft.poison = '10.96.0.4 ';
  const report = await apply(ten);
  equal(report.problems.length, 1);
  equal(report.problems[0]?.object?.name, 's3');
  deepEqual(problems.reasons, ['RulesRefused']);
  equal(nft.elements(table, 'services').length, 9);
  nft.poison = undefined;
  const mended = await apply(ten);
  deepEqual(mended.problems, []);
  equal(nft.elements(table, 'services').length, 10);
});

test('what a refused change would replace stays in force', async () => {
  const { nft, apply } = start();
  await apply(ten);
  nft.poison = '10.244.7.7';
  await apply([servicePort({ ...ten[0], clusterEndpoints: [endpoint('10.244.7.7')] })]);
  ok(nft.elements(table, 'endpoints-tcp').includes('10.96.0.1 . 80 . 0 : 10.244.0.1 . 8080'));
  equal(nft.elements(table, 'services').length, 1, 'and the other removals went through');
});

test('an address moves from one Service to another in one apply', async () => {
  const { nft, apply } = start();
  const [a, b] = ten;
  await apply([
    servicePort({ ...a, externalIPs: ['203.0.113.1'] }),
    servicePort({ ...b, externalIPs: [] }),
  ]);
  const report = await apply([
    servicePort({ ...b, externalIPs: ['203.0.113.1'] }),
    servicePort({ ...a, externalIPs: [] }),
  ]);
  deepEqual(report.problems, []);
  ok(nft.elements(table, 'endpoints-tcp').includes('203.0.113.1 . 80 . 0 : 10.244.0.2 . 8080'));
});

for (const [what, flush] of [
  ['flush ruleset', (nft: FakeNft) => nft.flushRuleset()],
  ['flush table', (nft: FakeNft) => nft.flushTable(table)],
] as const) {
  test(`after ${what} the canary makes everything again`, async () => {
    const { nft, apply, clock } = start();
    await apply(ten);
    const before = await nft.list(table);
    flush(nft);
    await clock.advanceAsync(5_000, 500);
    for (let turn = 0; turn < 20; turn += 1) await clock.advanceAsync(1);
    deepEqual(await nft.list(table), before);
  });
}

test('a change notices that the table is gone, and makes everything again', async () => {
  const { nft, apply } = start();
  await apply(ten.slice(1));
  nft.flushRuleset();
  const report = await apply(ten);
  deepEqual(report.problems, []);
  equal(nft.elements(table, 'services').length, 10);
});

test('a shortage is thrown, and tried again after the sync period', async () => {
  const { nft, apply, clock, meter } = start();
  await apply(ten.slice(0, 5));
  nft.nextError = new DataPlaneError('TransactionRefused', 'Cannot allocate memory', true);
  await rejects(apply(ten), { code: 'TransactionRefused' });
  equal(
    meter.values.get('kubeproxy_sync_proxy_rules_nftables_sync_failures_total{ip_family="IPv4"}'),
    1,
  );
  for (let turn = 0; turn < 40; turn += 1) await clock.advanceAsync(1_000);
  equal(nft.elements(table, 'services').length, 10);
});

test('chains of their own are replaced whole, and the old one is deleted a second later', async () => {
  const { nft, apply, clock } = start();
  const turns = (address: string) =>
    servicePort({ algorithm: 'round-robin', clusterEndpoints: [endpoint(address)] });
  await apply([turns('10.244.0.1')]);
  const before = nft.chains(table).filter((name) => name.startsWith('turns-'));
  await apply([turns('10.244.0.2')]);
  equal(nft.chains(table).filter((name) => name.startsWith('turns-')).length, 2);
  for (let turn = 0; turn < 10; turn += 1) await clock.advanceAsync(200);
  const after = nft.chains(table).filter((name) => name.startsWith('turns-'));
  equal(after.length, 1);
  ok(!before.includes(after[0] ?? ''));
});

test('disposing leaves the rules, cleanup takes them away', async () => {
  const { nft, apply, plane } = start();
  await apply(ten);
  await plane[Symbol.asyncDispose]();
  equal(nft.elements(table, 'services').length, 10);
  await plane.cleanup();
  equal(await nft.list(table), undefined);
});

test('endpoint changes are counted apart from other changes of a Service', async () => {
  const { apply, meter } = start();
  const counted = (what: string): number =>
    meter.values.get(`kubeproxy_sync_proxy_rules_${what}_changes_total{ip_family="IPv4"}`) ?? 0;
  const web = servicePort({ clusterEndpoints: [endpoint('10.244.0.1')] });
  await apply([web]);
  const services = counted('service');
  await apply([{ ...web, port: 81 }]);
  deepEqual([counted('service') - services, counted('endpoint')], [1, 0]);
  await apply([{ ...web, port: 81, clusterEndpoints: [endpoint('10.244.0.2')] }]);
  deepEqual([counted('service') - services, counted('endpoint')], [2, 1]);
  await apply([]);
  deepEqual([counted('service') - services, counted('endpoint')], [3, 2]);
});
