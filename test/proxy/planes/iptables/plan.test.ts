import { deepEqual, equal } from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { createIptablesPlane } from '../../../../proxy/planes/iptables/index.ts';
import { planPorts } from '../kernel/plan-ports.ts';
import type { RunCommand } from '../../../../proxy/planes/kernel/index.ts';
import { endpoint, planeFixture, tableOf } from '../kernel/fixtures.ts';

test('the plan of every form of Service port is the golden file', () => {
  const plane = createIptablesPlane(planeFixture().options, 'nft', []);
  const plan = plane.plan(tableOf(1, planPorts));
  const file = new URL('plan.golden.rules', import.meta.url);
  // UPDATE_GOLDEN=1 writes it anew: then read the difference before committing it.
  if (process.env['UPDATE_GOLDEN']) writeFileSync(file, plan);
  equal(plan, readFileSync(file, 'utf8'));
});

test('a plan does not touch what the plane keeps', async () => {
  const texts: string[] = [];
  const run: RunCommand = async (_, args, input = '') => {
    texts.push(input);
    const stdout = args[0] === '--version' ? 'iptables v1.8.9' : '';
    return { exitCode: 0, stdout, stderr: '' };
  };
  const { options } = planeFixture({ run, families: ['IPv4'] });
  await using plane = createIptablesPlane(options, 'nft', []);
  const [web] = planPorts;
  if (!web) throw new Error('there are ports');
  await plane.apply(tableOf(1, planPorts), undefined);
  plane.plan(tableOf(1, [web]));
  texts.length = 0;
  const changed = { ...web, clusterEndpoints: [endpoint('10.244.9.9')] };
  const diff = { fromGeneration: 1, upserted: [changed], removed: [] };
  await plane.apply(tableOf(2, [changed, ...planPorts.slice(1)]), diff);
  const chains = texts
    .join('')
    .split('\n')
    .filter((line) => line.startsWith(':'));
  deepEqual(
    chains.map((line) => line.split('-')[1]),
    // The fingerprint that goes and the one that comes, and the chain of the Service.
    ['IS', 'IS', 'SVC'],
  );
});
