import { equal } from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { readTrackedFile } from '../../../../controller/vip/trackers/file-tracker.ts';

test('a file is read up to its first bytes; none, and one that never ends, are no trouble', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'tracked-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'number');
  equal(await readTrackedFile(file), undefined);
  writeFileSync(file, '7\n');
  equal(await readTrackedFile(file), '7\n');
  writeFileSync(file, '9'.repeat(1000));
  equal((await readTrackedFile(file))?.length, 64);
  execFileSync('mkfifo', [join(folder, 'fifo')]);
  equal(await readTrackedFile(join(folder, 'fifo')), '');
});
