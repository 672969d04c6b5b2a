import { PortolanError } from '../../../controller/base/index.ts';
import { durationOf, expectArgs, expectNoBlock } from '../../corefile/index.ts';
import { plainPlugin, type PluginKind, pluginKind } from '../kind.ts';
import type { Reply } from '../plugin.ts';

/** Just over the five seconds after which resolvers ask again. */
const defaultMs = 5001;

/** Gives up on a query after some time: SERVFAIL. */
export const cancel: PluginKind = pluginKind({
  name: 'cancel',
  parse: (line) => {
    expectArgs(line, 0, 1, 'cancel [TIMEOUT]');
    expectNoBlock(line);
    const [timeout] = line.args;
    return timeout ? durationOf(timeout, 1) : defaultMs;
  },
  create: (timeoutMs, { clock }) =>
    plainPlugin(
      'cancel',
      (query, next) => {
        const reply = next(query);
        if (!(reply instanceof Promise)) return reply;
        const { promise, reject } = Promise.withResolvers<Reply>();
        const timer = clock.schedule(timeoutMs, () =>
          reject(new PortolanError('QueryCancelled', `no answer in ${timeoutMs} ms`)),
        );
        return Promise.race([reply, promise]).finally(() => timer[Symbol.dispose]());
      },
      { repeatable: true },
    ),
});
