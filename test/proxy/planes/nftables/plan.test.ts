import { deepEqual, equal } from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { createNftablesPlane } from '../../../../proxy/planes/nftables/index.ts';
import { FakeNft } from '../../../../proxy/planes/nftables/fake-nft.ts';
import { planPorts } from '../kernel/plan-ports.ts';
import { planeFixture, tableOf } from '../kernel/fixtures.ts';

test('the plan of every form of Service port is the golden file', () => {
  const plane = createNftablesPlane(planeFixture().options, [], new FakeNft());
  const plan = plane.plan(tableOf(1, planPorts));
  const file = new URL('plan.golden.nft', import.meta.url);
  // UPDATE_GOLDEN=1 writes it anew: then read the difference before committing it.
  if (process.env['UPDATE_GOLDEN']) writeFileSync(file, plan);
  equal(plan, readFileSync(file, 'utf8'));
});

test('the plan is what a cold start applies', async () => {
  const nft = new FakeNft();
  const plane = createNftablesPlane(planeFixture().options, [], nft);
  await plane.apply(tableOf(1, planPorts), undefined);
  const planned = new FakeNft();
  await planned.apply(plane.plan(tableOf(1, planPorts)).replaceAll('\n\n', '\n'));
  for (const table of ['ip portolan', 'ip6 portolan']) {
    deepEqual(await planned.list(table), await nft.list(table));
  }
});
