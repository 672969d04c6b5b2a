import { expectArgs, expectNoBlock } from '../../corefile/index.ts';
import { classIN, recordType } from '../../wire/index.ts';
import { type PluginKind, pluginKind, plainPlugin } from '../kind.ts';
import { replyWith } from '../reply.ts';

/** The number of the RFC, so that who sees it finds out. */
const ttlSec = 8482;

/** Answers ANY with one small record (RFC 8482 §4.2). */
export const any: PluginKind = pluginKind({
  name: 'any',
  parse: (line) => {
    expectArgs(line, 0, 0, 'any');
    expectNoBlock(line);
  },
  create: () =>
    plainPlugin(
      'any',
      (query, next) => {
        if (query.type !== recordType.ANY) return next(query);
        const data = { kind: 'Strings', strings: ['ANY obsoleted', 'See RFC 8482'] } as const;
        return replyWith('any', {
          authoritative: true,
          answers: [{ name: query.name, type: recordType.HINFO, class: classIN, ttlSec, data }],
        });
      },
      { repeatable: true },
    ),
});
