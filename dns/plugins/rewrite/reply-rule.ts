import { corefileError, type Token } from '../../corefile/index.ts';
import { lowerName, type Name, rcode, recordType, sameName } from '../../wire/index.ts';
import type { Eventually, Next, Query, Reply } from '../plugin.ts';
import { mapReply } from '../reply-later.ts';
import { type NameMatcher, nameMatchers, nameRule, type RewriteName } from './name-rule.ts';

/** `[MATCHER] FROM …`: the matcher, exact unless written, and what follows it. */
export function splitMatcher(words: readonly Token[]): {
  readonly matcher: NameMatcher;
  readonly rest: readonly Token[];
} {
  const written = nameMatchers.find((one) => one === words[0]?.text);
  return { matcher: written ?? 'exact', rest: written ? words.slice(1) : words };
}

/** Whether a name fits a rule that leaves it as it is. @throws ConfigError */
export function nameTest(matcher: NameMatcher, from: Token): (name: Name) => boolean {
  // A rule needs something to put in: for a pattern any text will do.
  const rule = nameRule(matcher, from, matcher === 'regex' ? { ...from, text: 'x' } : from);
  return (name) => rule(name) !== undefined;
}

/** One rcode in another's place, for the names that fit. */
export interface RcodeRule {
  readonly fits: (name: Name) => boolean;
  readonly from: number;
  readonly to: number;
}

/** Reads `[MATCHER] NAME FROM TO`. @throws ConfigError */
export function rcodeRule(words: readonly Token[], field: Token): RcodeRule {
  const { matcher, rest } = splitMatcher(words);
  const [name, from, to, extra] = rest;
  if (!name || !from || !to || extra) {
    throw corefileError('write rewrite rcode [MATCHER] NAME FROM TO', (extra ?? field).at);
  }
  return { fits: nameTest(matcher, name), from: rcodeOf(from), to: rcodeOf(to) };
}

function rcodeOf(token: Token): number {
  const found = Object.entries(rcode).find(([name]) => name === token.text.toUpperCase());
  const number = found?.[1] ?? (/^\d{1,4}$/.test(token.text) ? Number(token.text) : Number.NaN);
  if (number >= 0 && number < 4096) return number;
  throw corefileError(`"${token.text}" is no rcode: write NXDOMAIN, SERVFAIL …`, token.at);
}

/** Reads `[MATCHER] FROM TO` of a `cname` rule. @throws ConfigError */
export function cnameRule(words: readonly Token[], field: Token): RewriteName {
  const { matcher, rest } = splitMatcher(words);
  const [from, to, extra] = rest;
  if (!from || !to || extra) {
    throw corefileError('write rewrite cname [MATCHER] FROM TO', (extra ?? field).at);
  }
  return nameRule(matcher, from, to);
}

/** The first CNAME that the rule fits leads to the new target, which is looked up anew. */
export function redirectCname(
  reply: Reply,
  query: Query,
  rule: RewriteName,
  lookUp: Next,
): Eventually<Reply> {
  for (const [i, record] of reply.answers.entries()) {
    if (record.type !== recordType.CNAME || record.data.kind !== 'Target') continue;
    const target = rule(record.data.target);
    if (!target || sameName(target, record.data.target)) continue;
    const kept = [...reply.answers.slice(0, i), { ...record, data: { ...record.data, target } }];
    if (query.type === recordType.CNAME) return { ...reply, answers: kept, reuse: undefined };
    const asked = { ...query, name: target, lower: lowerName(target), depth: query.depth + 1 };
    return mapReply(lookUp(asked), (found) => ({
      ...reply,
      rcode: found.rcode,
      truncated: found.truncated,
      answers: [...kept, ...found.answers],
      authorities: found.authorities,
      additionals: found.additionals,
      reuse: undefined,
    }));
  }
  return reply;
}
