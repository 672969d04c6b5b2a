import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { type Problem, silentLog } from '../../../controller/base/index.ts';
import { ProblemRegistry } from '../../../daemon/problems/problem-registry.ts';
import { MemoryMeter } from '../../fakes/meter.ts';

const inUse: Problem = {
  severity: 'error',
  reason: 'PortInUse',
  message: 'port 80 is in use',
  object: { kind: 'Service', namespace: 'shop', name: 'web' },
};
const unknownField: Problem = {
  severity: 'warning',
  reason: 'UnknownField',
  message: 'no such field',
};

function registry(): { registry: ProblemRegistry; meter: MemoryMeter; logged: string[] } {
  const meter = new MemoryMeter();
  const logged: string[] = [];
  const note = (_fields: object, message: string): void => void logged.push(message);
  const log = { ...silentLog, error: note, warn: note, info: note };
  const locate = (): { file: string; line: number; column: number } => ({
    file: 'web.yaml',
    line: 3,
    column: 5,
  });
  return { registry: new ProblemRegistry({ log, meter, locate }), meter, logged };
}

const gauge = 'portolan_problems{reason="PortInUse",severity="error"}';

test('a problem that several workers report is one problem', () => {
  const { registry: book, meter } = registry();
  book.replace('worker/1/l4', [inUse]);
  book.replace('worker/2/l4', [inUse]);
  equal(book.list().length, 1);
  equal(meter.values.get(gauge), 1);
  book.replace('worker/1/l4', []);
  equal(book.list().length, 1, 'the other worker still has it');
  book.replace('worker/2/l4', []);
  deepEqual(book.list(), []);
  equal(meter.values.get(gauge), 0);
});

test('it is logged once when it appears and once when it is gone', () => {
  const { registry: book, logged } = registry();
  for (let round = 0; round < 3; round += 1) book.replace('compile/l4', [inUse]);
  book.replace('compile/l4', []);
  deepEqual(logged, ['port 80 is in use', 'solved: port 80 is in use']);
});

test('the same problem twice in one report counts once', () => {
  const { registry: book, meter } = registry();
  book.replace('a', [inUse, inUse]);
  book.replace('a', []);
  equal(meter.values.get(gauge), 0);
});

test('problems of objects get the place where the object stands', () => {
  const { registry: book } = registry();
  book.replace('compile/l4', [inUse]);
  deepEqual(book.list()[0]?.at, { file: 'web.yaml', line: 3, column: 5 });
});

test('errors come before warnings', () => {
  const { registry: book } = registry();
  book.replace('a', [unknownField, inUse]);
  deepEqual(
    book.list().map((problem) => problem.severity),
    ['error', 'warning'],
  );
});

test('forgetting a worker drops what it alone reported', () => {
  const { registry: book } = registry();
  book.replace('worker/1/l4/table', [inUse]);
  book.replace('worker/10/l4/table', [unknownField]);
  book.forget('worker/1/');
  deepEqual(book.list(), [unknownField]);
});
