import { equal } from 'node:assert/strict';
import { test } from 'node:test';
import { array, assert, constantFrom, property } from 'fast-check';
import { normalizePath } from '../../../ingress/index.ts';

const cases = [
  ['/', '/'],
  ['/a/b', '/a/b'],
  ['/a//b', '/a//b'],
  ['/a/./b', '/a/b'],
  ['/a/b/.', '/a/b/'],
  ['/a/../b', '/b'],
  ['/a/b/..', '/a/'],
  ['/a/b/../', '/a/'],
  ['/a//../b', '/a/b'],
  ['/.hidden', '/.hidden'],
  ['/..a', '/..a'],
  ['/%61', '/a'],
  ['/%7Euser', '/~user'],
  ['/a%2fb', '/a%2Fb'],
  ['/a%2Fb', '/a%2Fb'],
  ['/a%00', '/a%00'],
  ['/%2e%2E/b', undefined],
  ['/a/%2e%2e/b', '/b'],
  ['/%252e%252e/b', '/%252e%252e/b'],
  ['/%zz', undefined],
  ['/a%', undefined],
  ['/%4', undefined],
  ['/..', undefined],
  ['/../a', undefined],
  ['/a/../..', undefined],
] as const;
for (const [path, expected] of cases) {
  test(`${path} is matched as ${expected ?? 'nothing: refused'}`, () => {
    equal(normalizePath(path), expected);
  });
}

test('normalising is idempotent, keeps the leading slash, and leaves no dot segment', () => {
  const piece = constantFrom('a', '.', '..', '/', '%2e', '%2F', '%41', '%', '~', '//');
  const paths = array(piece).map((pieces) => `/${pieces.join('')}`);
  assert(
    property(paths, (path) => {
      const once = normalizePath(path);
      if (once === undefined) return true;
      const hasDots = once.split('/').some((segment) => segment === '.' || segment === '..');
      return once.startsWith('/') && !hasDots && normalizePath(once) === once;
    }),
  );
});
