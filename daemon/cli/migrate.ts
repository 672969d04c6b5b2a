import { readFileSync } from 'node:fs';
import { stringify } from 'yaml';
import { ConfigError, describeError } from '../../controller/base/index.ts';
import type { Command } from '../config/index.ts';
import type { Finding } from '../migrate/finding.ts';
import { translateKeepalived } from '../migrate/keepalived/index.ts';
import { type Printer, safeText } from './printer.ts';

type Migrate = Extract<Command, { kind: 'migrate' }>;

/**
 * `portolan migrate keepalived`: objects as YAML to standard output, what differs to standard
 * error. Exit status 1 when something has no equal.
 * @throws ConfigError for a file that cannot be read
 */
export function runMigrate({ paths }: Migrate, printer: Printer): number {
  const translations = paths.map((path) => translateKeepalived(read(path), path));
  const objects = translations.flatMap((one) => one.objects);
  const findings = translations.flatMap((one) => one.findings);
  printer.out(safeText(objects.map((object) => stringify(object)).join('---\n')));
  for (const finding of findings) printer.error(`${safeText(findingText(finding))}\n`);
  const count = (verdict: Finding['verdict']): number =>
    findings.filter((one) => one.verdict === verdict).length;
  const differs = `${count('differs')} directives differ`;
  const lacking = `${count('unsupported')} have no equal, ${count('ignored')} need none`;
  printer.error(`${objects.length} objects; ${differs}, ${lacking}\n`);
  return count('unsupported') > 0 ? 1 : 0;
}

const words = { differs: 'differs', unsupported: 'not supported', ignored: 'not needed' } as const;

function findingText({ file, line, directive, verdict, text }: Finding): string {
  return `${file}:${line}: ${words[verdict]}: ${directive}: ${text}`;
}

function read(path: string): string {
  try {
    return readFileSync(path === '-' ? 0 : path, 'utf8');
  } catch (error) {
    throw new ConfigError('Unreadable', `${path} cannot be read: ${describeError(error)}`);
  }
}
