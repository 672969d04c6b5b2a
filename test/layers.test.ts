import { deepEqual } from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { test } from 'node:test';

/** Which folders each room may import from, besides itself. The first matching row counts. */
const allowed: readonly (readonly [folder: string, imports: readonly string[]])[] = [
  ['controller/base', []],
  ['controller/objects', ['controller/base']],
  ['controller', ['controller']],
  ['proxy', ['controller/base', 'controller/objects']],
  ['dns', ['controller/base', 'controller/objects']],
  // The wire engine stands on the same TCP streams as the userspace plane.
  [
    'ingress',
    ['controller/base', 'controller/objects', 'proxy/balancer', 'proxy/planes/userspace/tcp'],
  ],
  ['daemon', ['controller', 'proxy', 'dns', 'ingress']],
  // From a store write to a rule in force: that can only be timed from within.
  ['bench/program', ['bench', 'controller', 'proxy', 'daemon']],
  // Benchmarks drive the command as a user does, and know nothing of its inside.
  ['bench', []],
  ['examples', []],
  ['docs', ['controller', 'proxy', 'dns', 'ingress', 'daemon']],
  ['test', ['controller', 'proxy', 'dns', 'ingress', 'daemon', 'bench', 'examples', 'docs']],
];

const isWithin = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(`${folder}/`);

/** Every relative import of every source file, as paths from the repository's root. */
function* relativeImports(): Generator<{ from: string; to: string }> {
  for (const from of globSync(
    '{controller,proxy,dns,ingress,daemon,bench,examples,docs,test}/**/*.ts',
  )) {
    const text = readFileSync(from, 'utf8');
    for (const [, target] of text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)) {
      if (target !== undefined) yield { from, to: normalize(join(dirname(from), target)) };
    }
  }
}

test('no room imports what its row of the table does not allow', () => {
  const breaches: string[] = [];
  for (const { from, to } of relativeImports()) {
    const row = allowed.find(([folder]) => isWithin(from, folder));
    const fine =
      row !== undefined && (isWithin(to, row[0]) || row[1].some((folder) => isWithin(to, folder)));
    if (!fine) breaches.push(`${from} imports ${to}`);
  }
  deepEqual(breaches, []);
});
