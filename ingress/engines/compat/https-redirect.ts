import type { RouteMatch } from '../../router/index.ts';
import { hostName } from '../../router/index.ts';
import type { ClientIdentity } from './client-identity.ts';
import type { RequestHead } from './request-head.ts';

/** ACME (RFC 8555 §8.3) asks over plain HTTP, before there is a certificate to redirect to. */
const acmePrefix = '/.well-known/acme-challenge/';

/** Where a plain request has to go for https; undefined: it may stay. `port`: https, for clients. */
export function httpsLocation(
  match: RouteMatch,
  head: Pick<RequestHead, 'target' | 'path' | 'host'>,
  client: ClientIdentity,
  port: number,
): string | undefined {
  const wanted = match.route ? match.route.httpsRedirect : match.host.httpsRedirect;
  if (!wanted || client.scheme === 'https' || head.path.startsWith(acmePrefix)) return undefined;
  const authority = port === 443 ? hostName(head.host) : `${hostName(head.host)}:${port}`;
  return `https://${authority}${head.target}`;
}
