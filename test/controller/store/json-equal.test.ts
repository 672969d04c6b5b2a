import { equal } from 'node:assert/strict';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { assert, jsonValue, property } from 'fast-check';
import { jsonEqual } from '../../../controller/store/index.ts';

const cases = [
  [{ a: 1, b: 2 }, { b: 2, a: 1 }, true, 'order of keys'],
  [{ a: undefined }, {}, true, 'undefined is absent'],
  [{}, { a: undefined }, true, 'undefined is absent, other side'],
  [{ a: undefined, b: 1 }, { b: 1, c: undefined }, true, 'undefined on both sides'],
  [{ a: null }, {}, false, 'null is there'],
  [[1, 2], [2, 1], false, 'order of elements'],
  [[], {}, false, 'array and record'],
  [{ toString: 1 }, {}, false, 'inherited names'],
  [{}, { toString: 1 }, false, 'inherited names, other side'],
  ['1', 1, false, 'no coercion'],
] as const;
for (const [a, b, wanted, why] of cases) {
  test(`${JSON.stringify(a)} and ${JSON.stringify(b)}: ${why}`, () => {
    equal(jsonEqual(a, b), wanted);
  });
}

test('agrees with the platform on JSON', () => {
  const value = jsonValue({ maxDepth: 3 });
  assert(
    property(value, value, (a, b) => {
      // JSON has no -0, for which the platform's comparison makes a difference.
      const [left, right] = [a, b].map((one): unknown => JSON.parse(JSON.stringify(one)));
      equal(jsonEqual(left, right), isDeepStrictEqual(left, right));
      equal(jsonEqual(left, structuredClone(left)), true);
    }),
  );
});
