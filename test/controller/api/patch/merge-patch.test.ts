import { deepEqual, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { applyMergePatch } from '../../../../controller/api/patch/merge-patch.ts';

/** Appendix A of RFC 7386, where both are objects. */
const cases: readonly (readonly [object, object, object])[] = [
  [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
  [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
  [{ a: 'b' }, { a: null }, {}],
  [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
  [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
  [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
  [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
  [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
  [{ e: null }, { a: 1 }, { e: null, a: 1 }],
  [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
];

for (const [target, patch, expected] of cases) {
  test(`${JSON.stringify(target)} with ${JSON.stringify(patch)}`, () =>
    deepEqual(applyMergePatch({ ...target }, patch), expected));
}

test('refuses a patch that is no object', () => {
  for (const patch of [null, [], 'a', 1]) {
    throws(() => applyMergePatch({}, patch), { code: 'BadRequest' });
  }
});
