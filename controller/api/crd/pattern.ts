import { setFlagsFromString } from 'node:v8';

/**
 * Patterns of custom schemas come from users, and run on what other users send. The API server's
 * engine (RE2) takes linear time; V8's own linear engine steps in where backtracking gets out of
 * hand. It knows no case-insensitivity, Unicode mode or counts above 16, for which the risk stays
 * with whoever may write definitions.
 */
setFlagsFromString('--enable-experimental-regexp-engine-on-excessive-backtracks');

/** What JavaScript has and RE2 has not: look-around, back-references, named groups of its own. */
const notRE2 = /\(\?(?:[=!]|<[=!])|\\[1-9]|\\k</;

/** A compiled pattern, or why there is none. */
export type Pattern =
  | { readonly kind: 'pattern'; readonly expression: RegExp }
  | { readonly kind: 'unusable'; readonly why: string };

/** Compiles a `pattern` of a schema: RE2 syntax, as far as JavaScript shares it. */
export function compilePattern(text: string): Pattern {
  if (notRE2.test(text)) {
    return { kind: 'unusable', why: 'look-around and back-references are not known to RE2' };
  }
  // The same in JavaScript by another name.
  const translated = text
    .replaceAll('\\A', '^')
    .replaceAll('\\z', '$')
    .replaceAll('(?P<', '(?<')
    .replaceAll('[[:alnum:]]', '[0-9A-Za-z]')
    .replaceAll('[[:alpha:]]', '[A-Za-z]')
    .replaceAll('[[:digit:]]', '[0-9]');
  try {
    return { kind: 'pattern', expression: new RegExp(translated) };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { kind: 'unusable', why: 'it is no regular expression' };
  }
}
