import { deepEqual, rejects } from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { jsonLines } from '../../../controller/base/index.ts';

async function collect(chunks: readonly Uint8Array[], maxBytes = 1000): Promise<unknown[]> {
  const from = async function* (): AsyncGenerator<Uint8Array> {
    yield* chunks;
  };
  const values: unknown[] = [];
  for await (const value of jsonLines(from(), maxBytes)) values.push(value);
  return values;
}

test('however a stream is cut, its values are the same', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.jsonValue(), { maxLength: 5 }),
      fc.array(fc.nat(400), { maxLength: 8 }),
      async (values, cuts) => {
        const text = values.map((value) => `${JSON.stringify(value)}\n`).join('');
        const bytes = Buffer.from(text, 'utf8');
        const ends = [...cuts.filter((cut) => cut < bytes.length), bytes.length];
        const places = [0, ...ends.toSorted((a, b) => a - b)];
        const chunks = places.slice(1).map((end, index) => bytes.subarray(places[index], end));
        deepEqual(await collect(chunks, 1e6), JSON.parse(JSON.stringify(values)));
      },
    ),
    { numRuns: 60 },
  );
});

const text = (...parts: readonly string[]): Uint8Array[] => parts.map((one) => Buffer.from(one));

test('empty lines and a half line at the end are nothing', async () => {
  deepEqual(await collect(text('\n{}\n\n', '[1]\n{"a":')), [{}, [1]]);
});

test('a line beyond the bound is refused, however it comes', async () => {
  await rejects(collect(text('x'.repeat(1001))), { code: 'LineTooLong' });
  await rejects(collect(text(...Array.from({ length: 1001 }, () => 'y'))), { code: 'LineTooLong' });
});

test('what is no JSON is refused', async () => {
  await rejects(collect(text('{"a":\n')), { code: 'InvalidJson' });
});
