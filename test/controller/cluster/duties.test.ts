import { deepEqual } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { duties } from '../../../controller/cluster/duties.ts';

test('the manual shows who does what', () => {
  const manual = readFileSync('docs/clusters.md', 'utf8');
  const rows = manual.split('\n').filter((line) => /^\| .+ \| every node \|/.test(line));
  deepEqual(
    rows,
    duties.map((one) => `| ${one.name} | ${one.alone} | ${one.onEtcd} | ${one.inCluster} |`),
  );
});
