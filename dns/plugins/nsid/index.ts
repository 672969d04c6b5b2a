import { hostname } from 'node:os';
import { expectNoBlock } from '../../corefile/index.ts';
import { ednsOption } from '../../wire/index.ts';
import { plainPlugin, type PluginKind, pluginKind } from '../kind.ts';
import { mapReply } from '../reply-later.ts';

/** Says which server answered, to clients that ask (RFC 5001). */
export const nsid: PluginKind = pluginKind({
  name: 'nsid',
  parse: (line) => {
    expectNoBlock(line);
    return line.args.map(({ text }) => text).join(' ') || hostname();
  },
  create: (text) => {
    const option = { code: ednsOption.NSID, octets: Buffer.from(text) };
    return plainPlugin(
      'nsid',
      (query, next) => {
        const asked = query.edns?.options.some(({ code }) => code === ednsOption.NSID);
        if (!asked) return next(query);
        return mapReply(next(query), (reply) => ({
          ...reply,
          options: [...reply.options, option],
        }));
      },
      { repeatable: true },
    );
  },
});
