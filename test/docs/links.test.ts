import { deepEqual } from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { test } from 'node:test';
import { pages, readPage, root } from './pages.ts';

/** As GitHub makes them of headings. */
function anchors(text: string): ReadonlySet<string> {
  const headings = text.matchAll(/^#+\s+(.*)$/gm);
  return new Set(
    Array.from(headings, ([, heading = '']) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

for (const page of pages()) {
  test(`links of ${page} lead somewhere`, () => {
    const broken = [...readPage(page).matchAll(/\]\((?!https?:)([^)\s]+)\)/g)].flatMap(
      ([, link = '']) => {
        const [path = '', anchor] = link.split('#');
        const target = path === '' ? page : normalize(join(dirname(page), path));
        if (!existsSync(join(root, target))) return [link];
        const known = anchor === undefined || anchors(readPage(target)).has(anchor);
        return known ? [] : [link];
      },
    );
    deepEqual(broken, []);
  });
}
