import { durationGrammar, parseDurationMs } from '../../controller/base/index.ts';
import { lowerName, type Name, parseName } from '../wire/index.ts';
import { corefileError, type Token } from './token.ts';

/** One line of a Corefile, and what stands in its braces. */
export interface Directive {
  readonly name: Token;
  readonly args: readonly Token[];
  /** Undefined: no braces. */
  readonly block: readonly Directive[] | undefined;
}

/** @throws ConfigError when the line has more or fewer arguments, `usage` says what to write */
export function expectArgs(
  { name, args }: Directive,
  min: number,
  max: number,
  usage: string,
): void {
  if (args.length >= min && args.length <= max) return;
  const extra = args[max];
  const why =
    extra === undefined
      ? `${name.text} lacks an argument`
      : `"${extra.text}" is one argument too many`;
  throw corefileError(`${why}: write ${usage}`, (extra ?? name).at);
}

/** @throws ConfigError when the line has braces */
export function expectNoBlock({ name, block }: Directive): void {
  if (block) throw corefileError(`${name.text} takes no braces`, name.at);
}

/**
 * Hands each line in the braces to the reader of its name; a line without a reader is refused,
 * with the names that have one.
 */
export function readOptions(
  directive: Directive,
  readers: Readonly<Record<string, (line: Directive) => void>>,
): void {
  for (const line of directive.block ?? []) {
    const read = Object.hasOwn(readers, line.name.text) ? readers[line.name.text] : undefined;
    if (!read) {
      const accepted = Object.keys(readers).join(', ') || 'none';
      throw corefileError(
        `${directive.name.text} has no option "${line.name.text}" (it has: ${accepted})`,
        line.name.at,
      );
    }
    expectNoBlock(line);
    read(line);
  }
}

/** The text of the one argument. */
export function oneArg(line: Directive, usage: string): Token {
  expectArgs(line, 1, 1, usage);
  const [arg] = line.args;
  if (!arg) throw corefileError(`write ${usage}`, line.name.at);
  return arg;
}

/** A flag: an option without arguments. */
export function noArgs(line: Directive): true {
  expectArgs(line, 0, 0, line.name.text);
  return true;
}

/** A whole number. @throws ConfigError outside `min`–`max` */
export function integerOf(token: Token, min: number, max: number): number {
  const value = /^\d+$/.test(token.text) ? Number(token.text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw corefileError(`"${token.text}" is no number from ${min} to ${max}`, token.at);
}

/** Milliseconds. @throws ConfigError outside `minMs`–`maxMs` */
export function durationOf(
  token: Token,
  minMs: number = 0,
  maxMs: number = 31_622_400_000,
): number {
  const ms = parseDurationMs(token.text);
  if (ms === undefined) throw corefileError(`"${token.text}" is not ${durationGrammar}`, token.at);
  if (ms >= minMs && ms <= maxMs) return ms;
  throw corefileError(`"${token.text}" is not within ${minMs} ms and ${maxMs} ms`, token.at);
}

/** A domain name in lower case. @throws ConfigError */
export function nameOf(token: Token): Name {
  try {
    return lowerName(parseName(token.text));
  } catch {
    throw corefileError(`"${token.text}" is no domain name`, token.at);
  }
}

/** One of a few words. @throws ConfigError that lists them */
export function choiceOf<T extends string>(token: Token, accepted: readonly T[]): T {
  const found = accepted.find((one) => one === token.text);
  if (found !== undefined) return found;
  throw corefileError(`"${token.text}" is not one of: ${accepted.join(', ')}`, token.at);
}
