import { PortolanError } from '../../controller/base/index.ts';
import type { Next, Plugin } from '../plugins/plugin.ts';
import { maxDepth } from '../plugins/plugin.ts';
import { replyWith } from '../plugins/reply.ts';
import { rcode } from '../wire/index.ts';

/**
 * The plugins as one function. A query that none answers is REFUSED: this server is neither the
 * authority for the name nor, for want of upstreams, its resolver.
 */
export function buildChain(plugins: readonly Plugin[]): Next {
  return plugins.reduceRight<Next>(
    (next, plugin) => (query) => plugin.handle(query, next),
    () => replyWith('', { rcode: rcode.REFUSED }),
  );
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
