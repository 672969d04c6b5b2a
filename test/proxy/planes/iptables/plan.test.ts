import { equal } from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { createIptablesPlane } from '../../../../proxy/planes/iptables/index.ts';
import { planPorts } from '../kernel/plan-ports.ts';
import { planeFixture, tableOf } from '../kernel/fixtures.ts';

test('the plan of every form of Service port is the golden file', () => {
  const plane = createIptablesPlane(planeFixture().options, 'nft', []);
  const plan = plane.plan(tableOf(1, planPorts));
  const file = new URL('plan.golden.rules', import.meta.url);
  // UPDATE_GOLDEN=1 writes it anew: then read the difference before committing it.
  if (process.env['UPDATE_GOLDEN']) writeFileSync(file, plan);
  equal(plan, readFileSync(file, 'utf8'));
});
