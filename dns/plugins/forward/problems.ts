import type { Problem } from '../../../controller/base/index.ts';
import { formatUpstream, type Upstream } from './upstream.ts';

/** An upstream that is this server itself. */
export function loopProblem(upstream: Upstream, from: string): Problem {
  return {
    severity: 'error',
    reason: 'ForwardLoop',
    message: `${from} names ${formatUpstream(upstream)}, which is this server; it is not asked`,
    instead: 'name the resolvers of the network, or another file, as upstreams',
  };
}

/** A resolv.conf that can't be read. */
export function unreadableProblem(from: string, why: string): Problem {
  return {
    severity: 'error',
    reason: 'UnreadableFile',
    message: `upstream resolvers can't be read from ${from}: ${why}`,
    instead: 'name a resolv.conf that exists, or addresses',
  };
}

/** Nobody to ask. */
export function noUpstreamProblem(from: string): Problem {
  return {
    severity: 'warning',
    reason: 'NoUpstream',
    message: `${from} names no resolver; names outside the cluster are refused`,
    instead: 'add a nameserver line, or name the addresses of resolvers',
  };
}
