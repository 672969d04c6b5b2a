import { readSnippet, type SnippetEffects } from '../snippet.ts';
import type { RouteEffects } from './route-effects.ts';

/** Nothing that these words stand in may be left out: it decides who passes. */
const guarding = /\b(?:deny|allow|satisfy|auth_\w+|limit_\w+|return\s+4\d\d)\b/;

/** `configuration-snippet` and `server-snippet`, as far as their lines are known ones. */
export function snippets(effects: RouteEffects): void {
  for (const name of ['configuration-snippet', 'server-snippet'] as const) {
    const text = effects.site.annotations.get(name);
    if (text === undefined || text.trim() === '') continue;
    const read = readSnippet(text);
    if (read.kind === 'understood') {
      apply(read.effects, effects);
    } else if (guarding.test(text)) {
      effects.close(
        name,
        'UnsupportedSnippet',
        `"${read.line}" is not understood, and something in it controls access`,
        'the annotation for it',
      );
    } else {
      effects.warn(
        name,
        'UnsupportedSnippet',
        `"${read.line}" is not understood; nothing of the snippet is in force`,
        'the annotation for it; docs/ingress-nginx.md lists what is understood',
      );
    }
  }
}

function apply(made: SnippetEffects, effects: RouteEffects): void {
  for (const filter of made.filters) effects.add(filter);
  if (made.options) effects.options = { ...effects.options, ...made.options };
}
