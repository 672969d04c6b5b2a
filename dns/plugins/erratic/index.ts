import { expectArgs, integerOf, readOptions, durationOf } from '../../corefile/index.ts';
import { classIN, recordType } from '../../wire/index.ts';
import { plainPlugin, type PluginKind, pluginKind } from '../kind.ts';
import type { Reply } from '../plugin.ts';
import { replyWith } from '../reply.ts';

/** Misbehaves as told, to see how clients take it: drops, delays, truncates. For tests. */
export const erratic: PluginKind = pluginKind({
  name: 'erratic',
  options: ['drop', 'truncate', 'delay'],
  parse: (line) => {
    expectArgs(line, 0, 0, 'erratic');
    const config = { drop: 2, truncate: 0, delay: 0, delayMs: 100 };
    readOptions(line, {
      drop: (one) => {
        expectArgs(one, 0, 1, 'drop [AMOUNT]');
        config.drop = one.args[0] ? integerOf(one.args[0], 0, 1_000_000) : 2;
      },
      truncate: (one) => {
        expectArgs(one, 0, 1, 'truncate [AMOUNT]');
        config.truncate = one.args[0] ? integerOf(one.args[0], 0, 1_000_000) : 2;
      },
      delay: (one) => {
        expectArgs(one, 0, 2, 'delay [AMOUNT [DURATION]]');
        config.delay = one.args[0] ? integerOf(one.args[0], 0, 1_000_000) : 2;
        if (one.args[1]) config.delayMs = durationOf(one.args[1]);
      },
    });
    return config;
  },
  create: ({ drop, truncate, delay, delayMs }, { clock }) => {
    let count = 0;
    const every = (amount: number): boolean => amount > 0 && count % amount === 0;
    return plainPlugin('erratic', (query) => {
      count += 1;
      const octets = Buffer.from([192, 0, 2, 53]);
      const reply: Reply = replyWith('erratic', {
        authoritative: true,
        truncated: every(truncate),
        silent: every(drop),
        answers:
          query.type === recordType.A
            ? [
                {
                  name: query.name,
                  type: 1,
                  class: classIN,
                  ttlSec: 0,
                  data: { kind: 'Address', octets },
                },
              ]
            : [],
      });
      if (!every(delay)) return reply;
      return new Promise((resolve) => void clock.schedule(delayMs, () => resolve(reply)));
    });
  },
});
