import { type CommandName, commands, helpFlag } from './commands.ts';
import { areas, optionNames, schema } from './schema.ts';

interface HelpRow {
  readonly left: string;
  readonly right: string;
}

/** The text of `portolan help [COMMAND]`, ending in a line feed. */
export function helpText(topic: CommandName | undefined): string {
  return topic === undefined ? overview() : commandHelp(topic);
}

function overview(): string {
  const rows = commands.map((command) => ({ left: command.name, right: command.summary }));
  return [
    'Portolan: Kubernetes Service networking as one daemon per node.',
    '',
    'Usage: portolan COMMAND [arguments] [flags]',
    '',
    'Commands:',
    ...table(rows),
    '',
    'portolan COMMAND --help says more about a command.',
    '',
  ].join('\n');
}

function commandHelp(topic: CommandName): string {
  const command = commands.find((one) => one.name === topic);
  if (command === undefined) return overview();
  const own = [...command.flags, helpFlag].map((flag) => ({
    left: flagLeft(flag.name, flag.short, flag.placeholder),
    right: plain(flag.description),
  }));
  const details = command.details === '' ? [] : ['', ...wrap(plain(command.details), '')];
  return [
    `Usage: ${command.usage}`,
    '',
    command.summary,
    ...details,
    ...(command.takesSettings ? areas.flatMap(areaHelp) : []),
    '',
    'Flags:',
    ...table(own),
    '',
    'Examples:',
    ...command.examples.map((example) => `  ${example}`),
    '',
  ].join('\n');
}

function areaHelp(area: (typeof areas)[number]): readonly string[] {
  const rows = optionNames.flatMap((name) => {
    const option = schema[name];
    if (option.area !== area || option.flag === undefined) return [];
    const fallback = option.defaultText === '' ? '' : ` Default ${option.defaultText}.`;
    const repeat = option.type.list ? ' Repeatable.' : '';
    const left = flagLeft(option.flag, option.short, option.type.placeholder);
    return [{ left, right: `${plain(option.description)}${repeat}${fallback}` }];
  });
  return ['', `${area}:`, ...table(rows)];
}

function flagLeft(
  name: string,
  short: string | undefined,
  placeholder: string | undefined,
): string {
  const shortPart = short === undefined ? '    ' : `-${short}, `;
  return `${shortPart}--${name}${placeholder === undefined ? '' : ` ${placeholder}`}`;
}

/** Descriptions are Markdown; a terminal shows them without code marks. */
function plain(markdown: string): string {
  return markdown.replaceAll('`', '');
}

/** Terminals are at least this wide (VT100). */
const width = 80;
const indent = ' '.repeat(8);

/** Two columns when the left ones are short, else each description below its flag. */
function table(rows: readonly HelpRow[]): readonly string[] {
  const leftWidth = Math.max(...rows.map((row) => row.left.length));
  if (leftWidth <= 12) return rows.map((row) => `  ${row.left.padEnd(leftWidth)}   ${row.right}`);
  return rows.flatMap((row) => [`  ${row.left}`, ...wrap(row.right, indent)]);
}

function wrap(text: string, prefix: string): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && prefix.length + line.length + 1 + word.length > width) {
      lines.push(prefix + line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, prefix + line];
}
