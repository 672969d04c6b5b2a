import { deepEqual, equal } from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { conntrackMinimums, raiseSysctls } from '../../../proxy/conntrack/index.ts';

test('settings are raised and never lowered; what is missing is a warning', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'portolan-sysctl-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const net = join(folder, 'net/netfilter');
  mkdirSync(net, { recursive: true });
  writeFileSync(join(net, 'nf_conntrack_max'), '65536\n');
  writeFileSync(join(net, 'nf_conntrack_tcp_timeout_established'), '432000\n');
  const problems = await raiseSysctls(conntrackMinimums(8), folder);
  equal(readFileSync(join(net, 'nf_conntrack_max'), 'utf8').trim(), '262144');
  equal(readFileSync(join(net, 'nf_conntrack_tcp_timeout_established'), 'utf8').trim(), '432000');
  deepEqual(
    problems.map(({ reason }) => reason),
    ['SysctlNotSet'],
  );
});
