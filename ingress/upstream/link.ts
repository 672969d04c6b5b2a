import type { UpstreamTls } from '../compile/route-options.ts';
import type { Pool } from '../compile/table.ts';

/** How an endpoint is spoken to. Connections over one link are never used for another. */
export interface UpstreamLink {
  readonly protocol: Pool['protocol'];
  /** Only where the protocol has TLS; undefined: the endpoint is not verified. */
  readonly tls: UpstreamTls | undefined;
  readonly proxyProtocol: 'v1' | 'v2' | undefined;
  /** The same for links that are alike. */
  readonly key: string;
}

const plainLinks = new Map<Pool['protocol'], UpstreamLink>();

/** The link that these settings lead to; one object for all that have none. */
export function upstreamLink(
  protocol: Pool['protocol'],
  tls?: UpstreamTls,
  proxyProtocol?: 'v1' | 'v2',
): UpstreamLink {
  const isPlain = tls === undefined && proxyProtocol === undefined;
  const known = isPlain ? plainLinks.get(protocol) : undefined;
  if (known) return known;
  const key = isPlain ? protocol : JSON.stringify([protocol, proxyProtocol, tls]);
  const link = { protocol, tls, proxyProtocol, key };
  if (isPlain) plainLinks.set(protocol, link);
  return link;
}
