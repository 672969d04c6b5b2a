import { deepEqual, equal, match } from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { createFileLedger } from '../../../../controller/reconcile/index.ts';
import { ProblemBook } from '../../../fakes/problems.ts';

class Folder implements Disposable {
  readonly path: string = mkdtempSync(join(tmpdir(), 'portolan-ledger-'));

  file(name: string): string {
    return join(this.path, name);
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true });
  }
}

const allocations = new Map([['clusterIP/IPv4', '127.96.3.7']]);

test('what was recorded is there after a restart', async () => {
  using folder = new Folder();
  const path = folder.file('deep/allocations.json');
  const before = createFileLedger(path, new ProblemBook());
  for (let n = 0; n < 100; n += 1) before.record(`shop/s${n}`, new Map([['x', `${n}`]]));
  before.record('shop/web', allocations);
  before.record('shop/s7', new Map());
  await before[Symbol.asyncDispose]();
  const ledger = createFileLedger(path, new ProblemBook());
  equal(ledger.recorded('shop/web', 'clusterIP/IPv4'), '127.96.3.7');
  equal(ledger.keptFor('127.96.3.7'), 'shop/web');
  equal(ledger.recorded('shop/s7', 'x'), undefined);
  equal(ledger.recorded('shop/s99', 'x'), '99');
});

const damaged = [
  ['no JSON', '{'],
  ['another version', '{"version":2,"allocations":{}}'],
  ['no object', '[]'],
  ['an odd entry', '{"version":1,"allocations":{"a/b":{"x":1}}}'],
] as const;
for (const [why, text] of damaged) {
  test(`a damaged file is kept aside: ${why}`, async () => {
    using folder = new Folder();
    const path = folder.file('allocations.json');
    writeFileSync(path, text);
    const problems = new ProblemBook();
    const ledger = createFileLedger(path, problems);
    deepEqual(problems.reasons, ['LedgerDamaged']);
    equal(readFileSync(`${path}.damaged`, 'utf8'), text);
    ledger.record('shop/web', allocations);
    equal(ledger.recorded('shop/web', 'clusterIP/IPv4'), '127.96.3.7');
    await ledger[Symbol.asyncDispose]();
    deepEqual(problems.reasons, [], 'what is written now is whole again');
  });
}

test('a file that cannot be written is a problem, not an end', async () => {
  using folder = new Folder();
  const path = folder.file('allocations.json');
  mkdirSync(`${path}.new`);
  const problems = new ProblemBook();
  const ledger = createFileLedger(path, problems);
  ledger.record('shop/web', allocations);
  await ledger[Symbol.asyncDispose]();
  deepEqual(problems.reasons, ['LedgerNotWritten']);
  match(problems.all[0]?.message ?? '', /allocations\.json/);
});
