import { deepEqual, throws } from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { applyJsonPatch } from '../../../../controller/api/patch/json-patch.ts';

/** Appendix A of RFC 6902, where the document is an object. */
const cases: readonly (readonly [string, object, readonly object[], object])[] = [
  [
    'A.1 adds a member',
    { foo: 'bar' },
    [{ op: 'add', path: '/baz', value: 'qux' }],
    { foo: 'bar', baz: 'qux' },
  ],
  [
    'A.2 adds an element',
    { foo: ['bar', 'baz'] },
    [{ op: 'add', path: '/foo/1', value: 'qux' }],
    { foo: ['bar', 'qux', 'baz'] },
  ],
  [
    'A.3 removes a member',
    { baz: 'qux', foo: 'bar' },
    [{ op: 'remove', path: '/baz' }],
    { foo: 'bar' },
  ],
  [
    'A.4 removes an element',
    { foo: ['bar', 'qux', 'baz'] },
    [{ op: 'remove', path: '/foo/1' }],
    { foo: ['bar', 'baz'] },
  ],
  [
    'A.5 replaces',
    { baz: 'qux', foo: 'bar' },
    [{ op: 'replace', path: '/baz', value: 'boo' }],
    { baz: 'boo', foo: 'bar' },
  ],
  [
    'A.6 moves a value',
    { foo: { bar: 'baz', waldo: 'fred' }, qux: { corge: 'grault' } },
    [{ op: 'move', from: '/foo/waldo', path: '/qux/thud' }],
    { foo: { bar: 'baz' }, qux: { corge: 'grault', thud: 'fred' } },
  ],
  [
    'A.7 moves an element',
    { foo: ['all', 'grass', 'cows', 'eat'] },
    [{ op: 'move', from: '/foo/1', path: '/foo/3' }],
    { foo: ['all', 'cows', 'eat', 'grass'] },
  ],
  [
    'A.8 tests',
    { baz: 'qux', foo: ['a', 2, 'c'] },
    [
      { op: 'test', path: '/baz', value: 'qux' },
      { op: 'test', path: '/foo/1', value: 2 },
    ],
    { baz: 'qux', foo: ['a', 2, 'c'] },
  ],
  [
    'A.10 adds a nested object',
    { foo: 'bar' },
    [{ op: 'add', path: '/child', value: { grandchild: {} } }],
    { foo: 'bar', child: { grandchild: {} } },
  ],
  [
    'A.11 ignores unknown members',
    { foo: 'bar' },
    [{ op: 'add', path: '/baz', value: 'qux', xyz: 123 }],
    { foo: 'bar', baz: 'qux' },
  ],
  [
    'A.14 escapes',
    { '/': 9, '~1': 10 },
    [{ op: 'test', path: '/~01', value: 10 }],
    { '/': 9, '~1': 10 },
  ],
  [
    'A.16 appends',
    { foo: ['bar'] },
    [{ op: 'add', path: '/foo/-', value: ['abc', 'def'] }],
    { foo: ['bar', ['abc', 'def']] },
  ],
  [
    'copies',
    { a: { b: 1 } },
    [{ op: 'copy', from: '/a', path: '/c' }],
    { a: { b: 1 }, c: { b: 1 } },
  ],
  ['replaces with null', { a: 1 }, [{ op: 'replace', path: '/a', value: null }], { a: null }],
  [
    'keeps __proto__ a field',
    {},
    [{ op: 'add', path: '/__proto__', value: 1 }],
    Object.fromEntries([['__proto__', 1]]),
  ],
];

for (const [name, target, patch, expected] of cases) {
  test(name, () => deepEqual(applyJsonPatch({ ...target }, patch), expected));
}

const repeat = (times: number, operation: object): readonly object[] =>
  Array.from({ length: times }, () => operation);

const refused: readonly (readonly [string, object, unknown, RegExp, string])[] = [
  [
    'A.9 a failing test',
    { baz: 'qux' },
    [{ op: 'test', path: '/baz', value: 'bar' }],
    /operation 0 .*another/,
    'Invalid',
  ],
  [
    'A.12 a parent that is not there',
    { foo: 'bar' },
    [{ op: 'add', path: '/baz/bat', value: 1 }],
    /not there/,
    'Invalid',
  ],
  [
    'A.15 texts and numbers differ',
    { '~1': 10 },
    [{ op: 'test', path: '/~01', value: '10' }],
    /another/,
    'Invalid',
  ],
  ['removing what is not there', { a: 1 }, [{ op: 'remove', path: '/b' }], /not there/, 'Invalid'],
  [
    'replacing what is not there',
    { a: 1 },
    [{ op: 'replace', path: '/b', value: 1 }],
    /not there/,
    'Invalid',
  ],
  [
    'an index with leading zeros',
    { a: [1, 2] },
    [{ op: 'remove', path: '/a/01' }],
    /not there/,
    'Invalid',
  ],
  [
    'an index past the end',
    { a: [1] },
    [{ op: 'add', path: '/a/2', value: 1 }],
    /not there/,
    'Invalid',
  ],
  [
    'moving into itself',
    { a: { b: 1 } },
    [{ op: 'move', from: '/a', path: '/a/c' }],
    /itself/,
    'Invalid',
  ],
  [
    'a document that is no object',
    { a: 1 },
    [{ op: 'replace', path: '', value: 1 }],
    /no object/,
    'Invalid',
  ],
  ['no list', {}, { op: 'add' }, /list of operations/, 'BadRequest'],
  ['no value', {}, [{ op: 'add', path: '/a' }], /no "value"/, 'BadRequest'],
  ['no from', {}, [{ op: 'move', path: '/a' }], /no "from"/, 'BadRequest'],
  ['an unknown operation', {}, [{ op: 'merge', path: '/a' }], /no operation "merge"/, 'BadRequest'],
  ['a path without slash', {}, [{ op: 'remove', path: 'a' }], /start with "\/"/, 'BadRequest'],
  ['a bare tilde', {}, [{ op: 'remove', path: '/a~b' }], /~0/, 'BadRequest'],
  [
    'an inherited field',
    {},
    [{ op: 'copy', from: '/constructor', path: '/a' }],
    /not there/,
    'Invalid',
  ],
  [
    'too many operations',
    {},
    repeat(10_001, { op: 'test', path: '', value: {} }),
    /10000 operations/,
    'RequestEntityTooLarge',
  ],
  [
    'a document that doubles itself',
    { a: [1] },
    repeat(40, { op: 'copy', from: '/a', path: '/a/-' }),
    /copies too much/,
    'RequestEntityTooLarge',
  ],
];

for (const [name, target, patch, message, code] of refused) {
  test(`refuses ${name}`, () => {
    const before = structuredClone(target);
    throws(() => applyJsonPatch({ ...target }, patch), { code, message });
    deepEqual(target, before);
  });
}

test('never changes the document it is given', () => {
  const key = fc.constantFrom('a', 'b', '0', '-');
  const path = fc.array(key, { maxLength: 3 }).map((keys) => keys.map((one) => `/${one}`).join(''));
  const operation = fc.record({
    op: fc.constantFrom('add', 'remove', 'replace', 'move', 'copy', 'test'),
    path,
    from: path,
    value: fc.jsonValue(),
  });
  const document = fc.dictionary(key, fc.jsonValue({ maxDepth: 2 }), { noNullPrototype: true });
  fc.assert(
    fc.property(document, fc.array(operation, { maxLength: 6 }), (target, patch) => {
      const before = structuredClone(target);
      try {
        applyJsonPatch(target, patch);
      } catch (error) {
        deepEqual(error instanceof Error && error.name, 'PatchError');
      }
      deepEqual(target, before);
    }),
    { numRuns: 200 },
  );
});
