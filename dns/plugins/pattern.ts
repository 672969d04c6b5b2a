import { corefileError, type Token } from '../corefile/index.ts';

/** As RE2-based servers limit them; longer ones are mistakes. */
const maxPatternLength = 10_000;

const nestedRepeat = /\((?:[^()\\]|\\.)*[*+](?:[^()\\]|\\.)*\)(?:[*+]|\{\d+,\})/;

/**
 * `(?:[^.]+\.)`: everything up to a character, and that character. There is one way to repeat it,
 * however often, so it is safe; Azure's own Corefile has it.
 */
const labelGroup = /\((?:\?:|\?P<\w+>)?\[\^([^\]\\])\][*+](?:\\?\1|\[\1\])\)/g;

/**
 * A regular expression of a Corefile, which is written for RE2: `(?P<name>…)` and a leading `(?i)`
 * are translated. RE2 never backtracks and V8 does, so nested unbounded repeats, whose cost can
 * explode on names from the network, are refused. @throws ConfigError
 */
export function patternOf(token: Token): RegExp {
  const { text } = token;
  if (text.length > maxPatternLength) {
    throw corefileError(
      `pattern of ${text.length} characters, ${maxPatternLength} are allowed`,
      token.at,
    );
  }
  if (nestedRepeat.test(text.replaceAll(labelGroup, 'x'))) {
    throw corefileError(
      `pattern "${text}" repeats a repeat, which may take for ever: write it without`,
      token.at,
    );
  }
  const insensitive = text.startsWith('(?i)');
  const source = (insensitive ? text.slice(4) : text)
    .replaceAll('(?P<', '(?<')
    .replaceAll('\\z', '$');
  try {
    return new RegExp(source, insensitive ? 'i' : '');
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw corefileError(`"${text}" is no regular expression: ${why}`, token.at);
  }
}
