import { WireError } from '../../../controller/base/index.ts';
import { rcode } from '../../wire/index.ts';
import type { PluginKind } from '../kind.ts';
import { plainPlugin } from '../kind.ts';
import type { Eventually, Next, Query, Reply } from '../plugin.ts';
import { thenReply } from '../reply-later.ts';
import { replyWith } from '../reply.ts';
import { parseRule, rewriteFields, type Rewritten, type Rule } from './rules.ts';

/** Changes questions on their way in, and answers on their way back. All lines of a block are one list. */
export const rewrite: PluginKind = {
  name: 'rewrite',
  repeats: true,
  options: rewriteFields,
  setup: (lines) => {
    const rules = lines.map(parseRule);
    if (rules.length === 0) return [];
    return [
      ({ resolve }) =>
        // What no rule fits passes as it is; what one fits is good once.
        plainPlugin('rewrite', (query, next) => rewritten(rules, query, next, resolve), {
          repeatable: true,
        }),
    ];
  },
};

function rewritten(
  rules: readonly Rule[],
  query: Query,
  next: Next,
  lookUp: Next,
): Eventually<Reply> {
  const done: Rewritten[] = [];
  let now = query;
  for (const { stops, apply } of rules) {
    let found: Rewritten | undefined;
    try {
      found = apply(now, lookUp);
    } catch (error) {
      // The rule made a name that no message can carry.
      if (error instanceof WireError) return replyWith('rewrite', { rcode: rcode.SERVFAIL });
      throw error;
    }
    if (!found) continue;
    now = found.query;
    done.push(found);
    if (stops) break;
  }
  if (done.length === 0) return next(query);
  const takesErrors = done.some((one) => one.takesErrors);
  return thenReply(takesErrors ? orServfail(() => next(now)) : next(now), (reply) =>
    done.reduceRight<Eventually<Reply>>((changed, { answer }) => thenReply(changed, answer), {
      ...reply,
      reuse: undefined,
    }),
  );
}

/** What `errors` above would make of an error, since a rule may want another rcode for it. */
async function orServfail(ask: () => Eventually<Reply>): Promise<Reply> {
  try {
    return await ask();
  } catch {
    // The forward metrics and the problems of its upstreams say what went wrong.
    return replyWith('rewrite', { rcode: rcode.SERVFAIL });
  }
}
