import { corefileError, type Token } from '../../corefile/index.ts';
import { formatName, lowerName, type Name, parseName } from '../../wire/index.ts';
import { patternOf } from '../pattern.ts';

/** How names are matched. */
export const nameMatchers = ['exact', 'prefix', 'suffix', 'substring', 'regex'] as const;
export type NameMatcher = (typeof nameMatchers)[number];

/** A name in another one's place; undefined: the rule does not fit. */
export type RewriteName = (name: Name) => Name | undefined;

/** Reads FROM and TO of a name rule. @throws ConfigError */
export function nameRule(matcher: NameMatcher, from: Token, to: Token): RewriteName {
  switch (matcher) {
    case 'exact': {
      const fromText = textOf(from);
      return onText((text) => (text === fromText ? textOf(to) : undefined));
    }
    case 'prefix':
      return onText((text) =>
        text.startsWith(from.text.toLowerCase())
          ? to.text + text.slice(from.text.length)
          : undefined,
      );
    case 'suffix': {
      const [fromText, toText] = [dotted(from.text.toLowerCase()), dotted(to.text)];
      return onText((text) =>
        text.endsWith(fromText) ? text.slice(0, text.length - fromText.length) + toText : undefined,
      );
    }
    case 'substring':
      return onText((text) =>
        text.includes(from.text.toLowerCase())
          ? text.replaceAll(from.text.toLowerCase(), to.text)
          : undefined,
      );
    case 'regex':
      return regexRule(from, to);
  }
}

/** A pattern and what takes its place, groups as `{1}`. @throws ConfigError for a group that is not there */
export function regexRule(from: Token, to: Token): RewriteName {
  const pattern = patternOf(from);
  const groups = (new RegExp(`${pattern.source}|`).exec('')?.length ?? 1) - 1;
  for (const [, number = ''] of to.text.matchAll(/\{(\d+)\}/g)) {
    if (Number(number) > groups) {
      throw corefileError(`"${from.text}" has no group {${number}}`, to.at);
    }
  }
  return onText((text) => {
    const found = pattern.exec(text);
    return (
      found && dotted(to.text.replaceAll(/\{(\d+)\}/g, (_, n: string) => found[Number(n)] ?? ''))
    );
  });
}

/** Rules work on text, as CoreDNS has it; names that they make are checked. @throws WireError */
function onText(change: (text: string) => string | undefined | null): RewriteName {
  return (name) => {
    const text = change(formatName(lowerName(name)));
    return text === undefined || text === null ? undefined : parseName(text);
  };
}

function textOf(token: Token): string {
  try {
    return formatName(lowerName(parseName(token.text)));
  } catch {
    throw corefileError(`"${token.text}" is no domain name`, token.at);
  }
}

function dotted(text: string): string {
  return text.endsWith('.') ? text : `${text}.`;
}
