import {
  type CommandFlag,
  type CommandInfo,
  commands,
  helpFlag,
} from '../daemon/config/commands.ts';
import type { OptionName } from '../daemon/config/configuration.ts';
import { configurationApiVersion, configurationKind } from '../daemon/config/file.ts';
import { areas, keyText, optionNames, schema } from '../daemon/config/schema.ts';

const generated =
  '<!-- Written by docs/generate.ts: change daemon/config and run npm run docs. -->';

/** The text of docs/reference/command-line.md. */
export function commandLinePage(): string {
  const overview = commands.map(({ name, summary }) => [
    `[\`${name}\`](#portolan-${name})`,
    summary,
  ]);
  return page([
    '# Command line',
    generated,
    table(['Command', 'What it does'], overview),
    'Exit status: 0 when all went well, 1 when the command failed or `check` found errors, 2 when the command line or the configuration is wrong. The message on standard error then says what to write instead.',
    ...commands.flatMap(commandSection),
  ]);
}

function commandSection(command: CommandInfo): readonly string[] {
  const own = [...command.flags, helpFlag].map((flag) => [flagCode(flag), cell(flag.description)]);
  const examples = command.examples.map((example) => `$ ${example}`).join('\n');
  return [
    `## portolan ${command.name}`,
    `\`\`\`\n${command.usage}\n\`\`\``,
    command.details === '' ? command.summary : `${command.summary} ${command.details}`,
    ...(command.takesSettings ? areas.flatMap(areaFlags) : []),
    ...(command.takesSettings ? ['### Others'] : []),
    table(['Flag', 'Meaning'], own),
    `\`\`\`console\n${examples}\n\`\`\``,
  ];
}

function areaFlags(area: (typeof areas)[number]): readonly string[] {
  const rows = optionNames.flatMap((name) => {
    const { flag, short, type, description, defaultText, area: own } = schema[name];
    if (own !== area || flag === undefined) return [];
    const code = flagCode({ name: flag, placeholder: type.placeholder, ...(short && { short }) });
    const repeat = type.list ? ' Repeatable.' : '';
    return [[code, defaultCell(defaultText), cell(`${description}${repeat}`)]];
  });
  return [`### ${area}`, table(['Flag', 'Default', 'Meaning'], rows)];
}

/** The text of docs/reference/configuration.md. */
export function configurationPage(): string {
  return page([
    '# Configuration file',
    generated,
    '`portolan up --config FILE` reads a file in YAML or JSON. Every flag is also a key: `--node-name` is `nodeName`, and flags that begin with `--ingress-` are keys below `ingress`. A flag wins over the file. Relative paths start from the folder of the file. Unknown keys are errors, which `portolan check FILE` lists with line and column.',
    `\`\`\`yaml\n${example()}\n\`\`\``,
    'On SIGHUP the file is read again. Keys marked *reload* then take effect at once; for the others the log says that they need a restart. A file that is wrong changes nothing.',
    'Addresses (`ADDR`) are `ADDRESS:PORT`, `"[IPV6]:PORT"` in quotes, `:PORT` for 127.0.0.1, or `off`; port 0 picks a free port. Lists may have one item without brackets.',
    ...areas.flatMap(areaKeys),
  ]);
}

function example(): string {
  return [
    `apiVersion: ${configurationApiVersion}`,
    `kind: ${configurationKind}`,
    'filename: [manifests]',
    'nodeName: edge-1',
    'ingress:',
    '  http: 0.0.0.0:80',
    '  https: 0.0.0.0:443',
    '  engine: compat',
    'dns: off',
    'drainTimeout: 1m',
  ].join('\n');
}

function areaKeys(area: (typeof areas)[number]): readonly string[] {
  const names = optionNames.filter((name) => schema[name].area === area);
  const head = ['Key', 'Value', 'Default', 'Since', 'On SIGHUP', 'Meaning'];
  return [`## ${area}`, table(head, names.map(keyRow))];
}

function keyRow(name: OptionName): readonly string[] {
  const option = schema[name];
  const form = `\`${option.type.placeholder.replaceAll('|', '\\|')}\``;
  return [
    `\`${keyText(option)}\``,
    option.type.list ? `${form}, or a list` : form,
    defaultCell(option.defaultText),
    option.since,
    option.change,
    cell(option.description),
  ];
}

function flagCode({ name, short, placeholder }: Omit<CommandFlag, 'description'>): string {
  const value = placeholder === undefined ? '' : ` ${placeholder.replaceAll('|', '\\|')}`;
  return short === undefined ? `\`--${name}${value}\`` : `\`-${short}\`, \`--${name}${value}\``;
}

/** Defaults that are values stand in code marks; those in words do not. */
function defaultCell(text: string): string {
  return text === '' || text.includes(' ') ? text : `\`${text}\``;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => '---'), ...rows];
  return lines.map((line) => `| ${line.join(' | ')} |`).join('\n');
}

function page(blocks: readonly string[]): string {
  return `${blocks.join('\n\n')}\n`;
}
