import { RE2JS, RE2JSSyntaxException } from 're2js';
import { isLinear } from './is-linear.ts';
import { translatePcre } from './translate.ts';

/** A compiled regular expression. */
export interface Pattern {
  /** The captures, with the whole match at 0; undefined: no match. */
  exec(text: string): readonly (string | undefined)[] | undefined;
  test(text: string): boolean;
}

/** Whether `a` matches `A`: in paths it does, as in ingress-nginx. */
export type Letters = 'ignore-case' | 'match-case';

/** More is no pattern for a path, a header or a cookie. */
const longestSource = 1_024;

/** Why a pattern cannot be had, as a clause; undefined: `compilePattern` takes it. */
export function patternError(source: string, letters: Letters = 'ignore-case'): string | undefined {
  const made = make(source, letters);
  return made.kind === 'refused' ? made.why : undefined;
}

/**
 * A pattern that takes time linear in its input. Most run on the engine's own matcher; those that
 * could make it back-track run on RE2, which never does.
 * @throws RangeError for what `patternError` finds something to say of
 */
export function compilePattern(source: string, letters: Letters = 'ignore-case'): Pattern {
  const made = make(source, letters);
  if (made.kind === 'refused') throw new RangeError(made.why);
  return made.pattern;
}

type Made =
  | { readonly kind: 'made'; readonly pattern: Pattern }
  | { readonly kind: 'refused'; readonly why: string };

function make(source: string, letters: Letters): Made {
  if (source.length > longestSource)
    return refusedFor(`is longer than ${longestSource} characters`);
  const translated = translatePcre(source);
  if (translated.kind === 'refused') return refusedFor(`has ${translated.construct}`);
  let native: RegExp;
  try {
    native = new RegExp(translated.source, letters === 'ignore-case' ? 'i' : '');
  } catch (error) {
    return refusedFor(`does not compile (${error instanceof Error ? error.message : 'syntax'})`);
  }
  if (isLinear(translated.source)) return { kind: 'made', pattern: nativePattern(native) };
  try {
    const linear = RE2JS.compile(
      translated.source,
      letters === 'ignore-case' ? RE2JS.CASE_INSENSITIVE : 0,
    );
    return { kind: 'made', pattern: linearPattern(linear) };
  } catch (error) {
    if (!(error instanceof RE2JSSyntaxException)) throw error;
    return refusedFor(
      'could take very long to match (look-around or a back-reference beside repetition)',
    );
  }
}

function refusedFor(why: string): Made {
  return { kind: 'refused', why };
}

function nativePattern(regex: RegExp): Pattern {
  return {
    exec: (text) => regex.exec(text) ?? undefined,
    test: (text) => regex.test(text),
  };
}

function linearPattern(regex: RE2JS): Pattern {
  return {
    exec(text) {
      const matcher = regex.matcher(text);
      if (!matcher.find()) return undefined;
      return Array.from(
        { length: matcher.groupCount() + 1 },
        (_, index) => matcher.group(index) ?? undefined,
      );
    },
    test: (text) => regex.matcher(text).find(),
  };
}
