import {
  choiceOf,
  corefileError,
  type Directive,
  integerOf,
  type Token,
} from '../../corefile/index.ts';
import { classIN, lowerName, rcode } from '../../wire/index.ts';
import { typeNumber } from '../../zonefile/index.ts';
import type { Eventually, Next, Query, Reply } from '../plugin.ts';
import { mapRecords, restoreOwner, rewriteOwners, rewriteValues } from './answers.ts';
import { ednsRule } from './edns-rule.ts';
import { nameMatchers, nameRule, regexRule, type RewriteName } from './name-rule.ts';

import { cnameRule, nameTest, rcodeRule, redirectCname, splitMatcher } from './reply-rule.ts';

/** What a rule makes of a query, and of the reply on its way back. */
export interface Rewritten {
  readonly query: Query;
  readonly answer: (reply: Reply) => Eventually<Reply>;
  /** An error of those below counts as SERVFAIL, which the rule may change. */
  readonly takesErrors?: boolean;
}

/** One `rewrite` line. */
export interface Rule {
  /** `stop`: rules below are not tried once this one fits. */
  readonly stops: boolean;
  /** Undefined: the rule does not fit. @throws WireError when it makes a name that cannot be */
  readonly apply: (query: Query, lookUp: Next) => Rewritten | undefined;
}

const fields = ['name', 'type', 'class', 'ttl', 'edns0', 'rcode', 'cname'] as const;

/** Reads a `rewrite` line. @throws ConfigError */
export function parseRule(line: Directive): Rule {
  // Older Corefiles write the rule, or its answer part, in braces.
  const words = [...line.args, ...(line.block ?? []).flatMap(({ name, args }) => [name, ...args])];
  const first = words[0];
  const stops = first?.text !== 'continue';
  if (first?.text === 'continue' || first?.text === 'stop') words.shift();
  const [field, ...rest] = words;
  if (!field) throw corefileError('write rewrite [continue|stop] FIELD FROM TO', line.name.at);
  switch (choiceOf(field, fields)) {
    case 'name':
      return { stops, apply: nameRewrite(rest, field) };
    case 'type': {
      const [from, to] = pair(rest, field, 'type FROM TO').map(typeOf);
      return {
        stops,
        apply: (query) =>
          query.type === from && to !== undefined
            ? { query: { ...query, type: to }, answer: same }
            : undefined,
      };
    }
    case 'class': {
      const [from, to] = pair(rest, field, 'class FROM TO').map(classOf);
      return {
        stops,
        apply: (query) =>
          query.class === from && to !== undefined
            ? { query: { ...query, class: to }, answer: same }
            : undefined,
      };
    }
    case 'ttl':
      return { stops, apply: ttlRewrite(rest, field) };
    case 'edns0': {
      const rule = ednsRule(rest, field);
      return { stops, apply: (query) => withAnswerAsIs(rule(query)) };
    }
    case 'rcode': {
      const rule = rcodeRule(rest, field);
      const answer = (reply: Reply): Reply =>
        reply.rcode === rule.from ? { ...reply, rcode: rule.to, reuse: undefined } : reply;
      const takesErrors = rule.from === rcode.SERVFAIL;
      return {
        stops,
        apply: (query) => (rule.fits(query.lower) ? { query, answer, takesErrors } : undefined),
      };
    }
    case 'cname': {
      const rule = cnameRule(rest, field);
      return {
        stops,
        apply: (query, lookUp) => ({
          query,
          answer: (reply) => redirectCname(reply, query, rule, lookUp),
        }),
      };
    }
  }
}

function withAnswerAsIs(query: Query | undefined): Rewritten | undefined {
  return query && { query, answer: same };
}

const same = (reply: Reply): Reply => reply;

function pair(words: readonly Token[], field: Token, usage: string): readonly [Token, Token] {
  const [from, to, extra] = words;
  if (!from || !to || extra) throw corefileError(`write rewrite ${usage}`, (extra ?? field).at);
  return [from, to];
}

function typeOf(token: Token): number {
  const type = typeNumber(token.text);
  if (type === undefined) throw corefileError(`"${token.text}" is no record type`, token.at);
  return type;
}

function classOf(token: Token): number {
  return { IN: classIN, CH: 3, HS: 4, ANY: 255 }[choiceOf(token, ['IN', 'CH', 'HS', 'ANY'])];
}

/** `[MATCHER] FROM TO [answer …]…`. */
function nameRewrite(words: readonly Token[], field: Token): Rule['apply'] {
  const [first] = words;
  const matcher = nameMatchers.find((one) => one === first?.text);
  const [from, to, ...more] = matcher ? words.slice(1) : words;
  if (!from || !to) throw corefileError('write rewrite name [MATCHER] FROM TO', field.at);
  const rule = nameRule(matcher ?? 'exact', from, to);
  const { auto, changes } = answerRules(more);
  const restores = auto || matcher === undefined || matcher === 'exact';
  return (query) => {
    const name = rule(query.lower);
    if (!name) return undefined;
    const answer = (reply: Reply): Reply => {
      const changed = changes.reduceRight((now, change) => change(now), reply);
      return restores ? restoreOwner(changed, name, query.name) : changed;
    };
    return { query: { ...query, name, lower: lowerName(name) }, answer };
  };
}

/** `answer auto`, `answer name RE TO`, `answer value RE TO`. */
function answerRules(words: readonly Token[]): {
  auto: boolean;
  changes: readonly ((reply: Reply) => Reply)[];
} {
  let auto = false;
  const changes: ((reply: Reply) => Reply)[] = [];
  for (let i = 0; i < words.length; ) {
    const [head, what, from, to] = words.slice(i, i + 4);
    if (!head || head.text !== 'answer' || !what) {
      throw corefileError(
        'write answer auto, answer name RE TO or answer value RE TO',
        head?.at ?? { file: '', line: 1, column: 1 },
      );
    }
    if (what.text === 'auto') {
      auto = true;
      i += 2;
      continue;
    }
    // The oldest form leaves the kind out.
    const isBare = what.text !== 'name' && what.text !== 'value';
    const [pattern, target] = isBare ? [what, from] : [from, to];
    if (!pattern || !target) throw corefileError('answer needs a pattern and a name', what.at);
    const rule: RewriteName = regexRule(pattern, target);
    changes.push((reply) =>
      what.text === 'value' ? rewriteValues(reply, rule) : rewriteOwners(reply, rule),
    );
    i += isBare ? 3 : 4;
  }
  return { auto, changes };
}

/** `[MATCHER] NAME SECONDS|MIN-MAX`. */
function ttlRewrite(words: readonly Token[], field: Token): Rule['apply'] {
  const { matcher, rest } = splitMatcher(words);
  const [from, range] = pair(rest, field, 'ttl [MATCHER] NAME SECONDS');
  const fits = nameTest(matcher, from);
  const [, low, dash, high] = /^(\d*)(-?)(\d*)$/.exec(range.text) ?? [];
  const max = 0x7fffffff;
  const least = low ? integerOf({ ...range, text: low }, 0, max) : 0;
  const most = high ? integerOf({ ...range, text: high }, 0, max) : dash ? max : least;
  if (low === undefined || range.text === '' || range.text === '-') {
    throw corefileError(`"${range.text}" is neither SECONDS nor MIN-MAX`, range.at);
  }
  return (query) => {
    if (!fits(query.lower)) return undefined;
    const change = (reply: Reply): Reply =>
      mapRecords(reply, (record) => ({
        ...record,
        ttlSec: Math.min(Math.max(record.ttlSec, least), most),
      }));
    return { query, answer: change };
  };
}

/** Names of the fields, for documentation. */
export const rewriteFields: readonly string[] = fields;
