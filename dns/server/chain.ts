import { PortolanError } from '../../controller/base/index.ts';
import { maxDepth, type Next, type Plugin, type Reply } from '../plugins/plugin.ts';
import { mapReply } from '../plugins/reply-later.ts';
import { replyWith } from '../plugins/reply.ts';
import { rcode } from '../wire/index.ts';

/**
 * The plugins as one function. A query that none answers is REFUSED: this server is neither the
 * authority for the name nor, for want of upstreams, its resolver.
 */
export function buildChain(plugins: readonly Plugin[]): Next {
  return plugins.reduceRight<Next>(
    (next, plugin) =>
      plugin.repeatable
        ? (query) => plugin.handle(query, next)
        : (query) => mapReply(plugin.handle(query, next), once),
    () => replyWith('', { rcode: rcode.REFUSED }),
  );
}

/** What went through a plugin that does not treat equal queries alike is good for one of them. */
function once(reply: Reply): Reply {
  return reply.reuse ? { ...reply, reuse: undefined } : reply;
}

/** The chain for lookups from inside it, which must come to an end. */
export function withDepthLimit(chain: Next): Next {
  return (query) => {
    if (query.depth > maxDepth) {
      throw new PortolanError('LookupTooDeep', `more than ${maxDepth} lookups for one question`);
    }
    return chain(query);
  };
}
