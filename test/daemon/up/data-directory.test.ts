import { equal, throws } from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { DataDirectory } from '../../../daemon/up/data-directory.ts';

function folder(context: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'portolan-data-'));
  context.after(() => rmSync(path, { recursive: true }));
  return join(path, 'data');
}

test('it is made for its owner alone, and left unlocked', (context) => {
  const path = folder(context);
  const directory = new DataDirectory(path);
  equal(statSync(path).mode & 0o777, 0o700);
  equal(existsSync(join(path, 'daemon.pid')), true);
  directory[Symbol.dispose]();
  equal(existsSync(join(path, 'daemon.pid')), false);
});

test('a second daemon is refused while the first lives', (context) => {
  const path = folder(context);
  new DataDirectory(path)[Symbol.dispose]();
  const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', 'up']);
  context.after(() => other.kill());
  writeFileSync(join(path, 'daemon.pid'), `${other.pid}\n`);
  throws(() => new DataDirectory(path), { code: 'DataDirectoryInUse' });
});

const leftBehind = [
  ['999999999', 'no such process'],
  [String(process.pid), 'the number is ours now'],
  ['garbage', 'not a number'],
  ['', 'cut off while writing'],
] as const;
for (const [text, why] of leftBehind) {
  test(`a lock that a killed daemon left behind is taken over: ${why}`, (context) => {
    const path = folder(context);
    new DataDirectory(path)[Symbol.dispose]();
    writeFileSync(join(path, 'daemon.pid'), text);
    using directory = new DataDirectory(path);
    equal(directory.path, path);
  });
}

test('a path that cannot be a folder is refused with the flag to change', (context) => {
  const path = folder(context);
  writeFileSync(path, 'a file');
  throws(() => new DataDirectory(path), {
    code: 'DataDirectoryUnusable',
    message: /--data-dir/,
  });
});
