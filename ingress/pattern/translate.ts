/** A construct that cannot be matched as PCRE does. */
export interface Untranslatable {
  readonly kind: 'refused';
  readonly construct: string;
}

const posixClasses: Readonly<Record<string, string>> = {
  alnum: 'A-Za-z0-9',
  alpha: 'A-Za-z',
  digit: '0-9',
  lower: 'a-z',
  upper: 'A-Z',
  space: '\\s',
  word: '\\w',
  xdigit: 'A-Fa-f0-9',
  punct: '!-\\/:-@\\[-`{-~',
};

const refusals: readonly (readonly [RegExp, string])[] = [
  [/(?:[*+?]|\{\d+(?:,\d*)?\})\+/, 'a possessive quantifier'],
  [/\(\?>/, 'an atomic group (?>'],
  [/\(\?(?:R|\d|&|P>)/, 'recursion'],
  [/\(\?\(/, 'a conditional group'],
  [/\(\?[a-z]*-?[a-z]+[:)]/i, 'an inline flag'],
  [/\\[AZzGKQE]/, 'an anchor or quote such as \\A, \\Z or \\Q'],
];

/** PCRE as nginx users write it, in the syntax that ECMAScript and RE2 share. */
export function translatePcre(
  source: string,
): { readonly kind: 'translated'; readonly source: string } | Untranslatable {
  // Matching ignores case anyway; leading is where people write it.
  const bare = source.replace(/^\(\?i\)/, '').replace(/^\^\(\?i\)/, '^');
  const named = bare.replaceAll(/\(\?P</g, '(?<');
  const outside = named.replaceAll(/\\\\/g, '').replaceAll(/\[(?:\\.|[^\]])*\]/g, '[]');
  for (const [construct, name] of refusals) {
    if (construct.test(outside)) return { kind: 'refused', construct: name };
  }
  const plain = named.replaceAll(/\[:(\w+):\]/g, (all, name: string) => posixClasses[name] ?? all);
  return { kind: 'translated', source: plain };
}
