import { ConfigError } from '../../controller/base/index.ts';
import { closest } from './closest.ts';

/** A flag as the command line sees it. */
export interface FlagSyntax {
  readonly name: string;
  readonly short: string | undefined;
  readonly takesValue: boolean;
}

/** A command line taken apart: flags with all values in the order given, and everything else. */
export interface Arguments {
  readonly positionals: readonly string[];
  /** By flag name without dashes; a switch has the values 'true' or 'false'. */
  readonly values: ReadonlyMap<string, readonly string[]>;
}

/**
 * Takes arguments apart as kubectl does: `--flag value`, `--flag=value`, `-f value`, `-fvalue`,
 * `-f=value`; `--` ends the flags and a lone `-` is no flag.
 * @throws ConfigError `UnknownFlag`, `MissingValue`, `UnexpectedValue`
 */
export function readArguments(argv: readonly string[], flags: readonly FlagSyntax[]): Arguments {
  const positionals: string[] = [];
  const values = new Map<string, string[]>();
  const queue = [...argv];
  for (let argument = queue.shift(); argument !== undefined; argument = queue.shift()) {
    if (argument === '--') {
      positionals.push(...queue.splice(0));
    } else if (argument === '-' || !argument.startsWith('-')) {
      positionals.push(argument);
    } else {
      const { flag, shown, attached } = recognise(argument, flags);
      const value = flag.takesValue
        ? (attached ?? following(queue, shown, flags))
        : switchValue(attached, shown);
      values.set(flag.name, [...(values.get(flag.name) ?? []), value]);
    }
  }
  return { positionals, values };
}

interface Recognised {
  readonly flag: FlagSyntax;
  /** As the user wrote it, without its value. */
  readonly shown: string;
  readonly attached: string | undefined;
}

function recognise(argument: string, flags: readonly FlagSyntax[]): Recognised {
  if (!argument.startsWith('--')) return recogniseShort(argument, flags);
  const equals = argument.indexOf('=');
  const name = argument.slice(2, equals === -1 ? undefined : equals);
  const flag = flags.find((one) => one.name === name);
  if (!flag) throw unknownFlag(`--${name}`, flags);
  const attached = equals === -1 ? undefined : argument.slice(equals + 1);
  return { flag, shown: `--${name}`, attached };
}

function recogniseShort(argument: string, flags: readonly FlagSyntax[]): Recognised {
  const flag = flags.find((one) => one.short === argument[1]);
  // `-filename`: one dash where two belong is the likelier slip than a value glued to -f.
  const longName = flags.find((one) => one.name === argument.slice(1).split('=')[0]);
  if (!flag || (longName && longName.name.length > 1)) throw unknownFlag(argument, flags);
  const rest = argument.slice(2);
  const attached = rest === '' ? undefined : rest.replace(/^=/, '');
  return { flag, shown: argument.slice(0, 2), attached };
}

function following(queue: string[], shown: string, flags: readonly FlagSyntax[]): string {
  const next = queue[0];
  const isFlag =
    next !== undefined &&
    (next.startsWith('--') || flags.some((one) => one.short && next === `-${one.short}`));
  if (next === undefined || isFlag) {
    throw new ConfigError('MissingValue', `${shown} needs a value: write ${shown} VALUE`);
  }
  queue.shift();
  return next;
}

function switchValue(attached: string | undefined, shown: string): string {
  if (attached === undefined || attached === 'true') return 'true';
  if (attached === 'false') return 'false';
  throw new ConfigError(
    'UnexpectedValue',
    `${shown} takes no value, but has ${JSON.stringify(attached)}: write ${shown}`,
  );
}

function unknownFlag(written: string, flags: readonly FlagSyntax[]): ConfigError {
  const bare = written.replace(/^-+/, '').split('=')[0] ?? '';
  const near = closest(
    bare,
    flags.map((one) => one.name),
  );
  const instead = near === undefined ? '--help lists the flags' : `did you mean --${near}?`;
  return new ConfigError('UnknownFlag', `${written.split('=')[0]} is no flag here: ${instead}`);
}
