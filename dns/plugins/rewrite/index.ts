import { WireError } from '../../../controller/base/index.ts';
import { rcode } from '../../wire/index.ts';
import type { PluginKind } from '../kind.ts';
import { plainPlugin } from '../kind.ts';
import type { Reply } from '../plugin.ts';
import { mapReply } from '../reply-later.ts';
import { replyWith } from '../reply.ts';
import { parseRule, rewriteFields, type Rewritten } from './rules.ts';

/** Changes questions on their way in, and answers on their way back. All lines of a block are one list. */
export const rewrite: PluginKind = {
  name: 'rewrite',
  repeats: true,
  options: rewriteFields,
  setup: (lines) => {
    const rules = lines.map(parseRule);
    if (rules.length === 0) return [];
    const plugin = plainPlugin(
      'rewrite',
      (query, next) => {
        const done: Rewritten[] = [];
        let now = query;
        for (const { stops, apply } of rules) {
          let found: Rewritten | undefined;
          try {
            found = apply(now);
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
        return mapReply(next(now), (reply) =>
          done.reduceRight<Reply>((changed, { answer }) => answer(changed), {
            ...reply,
            reuse: undefined,
          }),
        );
      },
      // What no rule fits passes as it is; what one fits is good once.
      { repeatable: true },
    );
    return [() => plugin];
  },
};
