import type { Issues, Path } from './issue.ts';
import { checkQualifiedName } from './names.ts';
import { checkName } from './metadata.ts';
import { quote } from './scalar.ts';
import { nearest } from './suggest.ts';

/** Reports a value that is none of those the API knows. Absent and '' are fine. */
export function checkChoice(
  value: string | undefined,
  choices: readonly string[],
  path: Path,
  issues: Issues,
): void {
  if (value === undefined || value === '' || choices.includes(value)) return;
  const meant = nearest(value, choices);
  issues.invalid(
    path,
    `must be ${orList(choices)}, not ${quote(value)}`,
    meant === undefined ? undefined : meant,
  );
}

function orList(choices: readonly string[]): string {
  const last = choices.at(-1) ?? '';
  return choices.length < 2 ? last : `${choices.slice(0, -1).join(', ')} or ${last}`;
}

/** What the API knows as transport. */
export const protocols = ['TCP', 'UDP', 'SCTP'] as const;

/** A port number that can be connected to. */
export function checkPort(port: number | undefined, path: Path, issues: Issues): void {
  if (port !== undefined && (port < 1 || port > 65535)) {
    issues.invalid(path, `must be between 1 and 65535, not ${port}`);
  }
}

/** `appProtocol`: an IANA name, or one with a DNS prefix (KEP-3726). */
export function checkAppProtocol(value: string | undefined, path: Path, issues: Issues): void {
  if (value) checkName(value, checkQualifiedName, path, issues);
}

/** Reports values that occur twice, at the later place. `label` names what must be unique. */
export function checkUnique<T>(
  items: readonly T[],
  keyOf: (item: T) => string | undefined,
  pathOf: (index: number) => Path,
  label: string,
  issues: Issues,
): void {
  if (items.length < 2) return;
  const first = new Map<string, number>();
  items.forEach((item, index) => {
    const key = keyOf(item);
    if (key === undefined) return;
    const earlier = first.get(key);
    if (earlier === undefined) first.set(key, index);
    else issues.invalid(pathOf(index), `repeats the ${label} ${quote(key)} of entry ${earlier}`);
  });
}
