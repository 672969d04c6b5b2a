import { expectArgs, expectNoBlock } from '../../corefile/index.ts';
import { plainPlugin, type PluginKind, pluginKind } from '../kind.ts';
import { mapReply } from '../reply-later.ts';

/** Positive answers lose what was not asked for; referrals and denials need their authority. */
export const minimal: PluginKind = pluginKind({
  name: 'minimal',
  parse: (line) => {
    expectArgs(line, 0, 0, 'minimal');
    expectNoBlock(line);
  },
  create: () =>
    plainPlugin(
      'minimal',
      (query, next) =>
        mapReply(next(query), (reply) =>
          reply.answers.length > 0 && reply.rcode === 0
            ? { ...reply, authorities: [], additionals: [] }
            : reply,
        ),
      { repeatable: true },
    ),
});
