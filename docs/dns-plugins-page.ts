import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pluginOrder } from '../dns/plugins/index.ts';
import { absentDirectives } from '../dns/server/absent-directives.ts';
import { settingNames } from '../dns/server/settings.ts';

const root = join(import.meta.dirname, '..');

/** The text of docs/reference/dns-plugins.md: every plugin and option, and the test that shows it. */
export function dnsPluginsPage(): string {
  const files = globSync('test/dns/**/*.test.ts', { cwd: root })
    .toSorted()
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
  const testOf = (plugin: string, option?: string): string => {
    const found = files.find(({ text }) => isShownBy(text, plugin, option));
    return found ? `\`${found.path}\`` : '–';
  };
  const rows = pluginOrder.flatMap(({ name, options }) => [
    [`[\`${name}\`](../../dns/plugins/${name}/README.md)`, '', testOf(name)],
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

/**
 * True when a test in this file shows the plugin, or the option: the title of the test starts with
 * the plugin and names the option, or it is a table's and a row of that table is about the option.
 */
export function isShownBy(text: string, plugin: string, option?: string): boolean {
  const titles = [...text.matchAll(/\btest\(\s*(['"`])((?:[^\\]|\\.)*?)\1/g)].flatMap(
    ([, , title = '']) => (title.startsWith(`${plugin}: `) ? [title] : []),
  );
  if (option === undefined) return titles.length > 0;
  const word = new RegExp(`(?<![\\w-])${option}(?![\\w-])`);
  if (titles.some((title) => word.test(title))) return true;
  const row = new RegExp(`['"\`](?:[^'"\`]*\\\\n\\s*)?${option}(?![\\w-])`);
  return titles.some((title) => title.includes('${')) && row.test(text);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
