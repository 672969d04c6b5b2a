import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pluginOrder } from '../dns/plugins/index.ts';
import { absentDirectives } from '../dns/server/absent-directives.ts';
import { settingNames } from '../dns/server/settings.ts';

const root = join(import.meta.dirname, '..');

/** The text of docs/reference/dns-plugins.md: every plugin and option, and the test that shows it. */
export function dnsPluginsPage(): string {
  const tests = globSync('test/dns/**/*.test.ts', { cwd: root })
    .toSorted()
    .filter((path) => !path.endsWith('readmes.test.ts'))
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
  const testOf = (plugin: string, word: string): string => {
    // A table or a test that has both words shows the option of this very plugin.
    const shows = new RegExp(`(?<![\\w-])${word}(?![\\w-])`);
    const titled = tests.filter(({ text }) =>
      text
        .split(/\n(?=test\()/)
        .some((one) => new RegExp(`^test\\([\`']${plugin}: `).test(one) && shows.test(one)),
    );
    const [named] = titled;
    if (named) return `\`${named.path}\``;
    const found = tests.filter(({ text }) =>
      text
        .split(/\n(?=test\(|for \(|const )/)
        .some((one) => one.includes(plugin) && shows.test(one)),
    );
    const inFolder = tests.filter(
      ({ path, text }) => path.includes(`/${plugin}/`) && shows.test(text),
    );
    const [best] = [
      ...inFolder,
      ...found.filter(({ path }) => path.includes('/plugins/')),
      ...found,
    ];
    return best ? `\`${best.path}\`` : '–';
  };
  const rows = pluginOrder.flatMap(({ name, options }) => [
    [`[\`${name}\`](../../dns/plugins/${name}/README.md)`, '', testOf(name, name)],
    ...options.map((option) => ['', `\`${option}\``, testOf(name, option)]),
  ]);
  const absent = Object.entries(absentDirectives).map(([name, instead]) => [
    `\`${name}\``,
    instead,
  ]);
  return [
    '# DNS plugins',
    '<!-- Written by docs/generate.ts: change dns/plugins and run npm run docs. -->',
    'In the order in which queries pass them; the reasons stand in `dns/plugins/index.ts`.',
    table(['Plugin', 'Option', 'Test'], rows),
    `Directives that set up the server instead of answering: ${settingNames.map((name) => `\`${name}\``).join(', ')}.`,
    '## Directives that are not served',
    'A Corefile that has one is refused, with its place and this advice.',
    table(['Directive', 'Instead'], absent),
  ]
    .join('\n\n')
    .concat('\n');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
