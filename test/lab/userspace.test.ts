import { deepEqual, equal } from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { labMissing, wrongOutcomes } from './ask.ts';
import { Lab } from './lab.ts';
import { packetSummary } from './packet-summary.ts';
import { combinations, packetCases } from './packet-table.ts';

const script = fileURLToPath(new URL('userspace-node.ts', import.meta.url));

test('userspace: every TCP and UDP packet gets where it should', {
  skip: labMissing() ?? false,
}, async (context) => {
  await using lab = await Lab.build();
  const command = ['netns', 'exec', lab.hosts.node.name, process.execPath, script];
  const node = spawn('ip', command, { stdio: ['pipe', 'pipe', 'inherit'] });
  context.after(() => node.kill('SIGKILL'));
  const [said] = (await once(node.stdout, 'data')) as [Buffer];
  equal(said.toString(), 'ready\n');
  const cases = packetCases('userspace', ['TCP', 'UDP']);
  equal(cases.length, combinations(['TCP', 'UDP']));
  deepEqual(await wrongOutcomes(lab, cases), []);
  for (const line of packetSummary(cases)) context.diagnostic(line);
});
