import type { RouteMatch } from '../../router/index.ts';
import { hostName } from '../../router/index.ts';
import type { ClientIdentity } from './client-identity.ts';

/** ACME (RFC 8555 §8.3) asks over plain HTTP, before there is a certificate to redirect to. */
const acmePrefix = '/.well-known/acme-challenge/';

/** What a request asks for. */
export interface RequestedPlace {
  /** In origin-form, as it came: `/p?q`. */
  readonly target: string;
  /** Of the target, without query, normalised. */
  readonly path: string;
  /** As sent, with port. */
  readonly host: string;
}

/** Where a plain request has to go for https; undefined: it may stay. `port`: https, for clients. */
export function httpsLocation(
  match: RouteMatch,
  head: RequestedPlace,
  client: ClientIdentity,
  port: number,
): string | undefined {
  const wanted = match.route ? match.route.httpsRedirect : match.host.httpsRedirect;
  if (!wanted || client.scheme === 'https' || head.path.startsWith(acmePrefix)) return undefined;
  const authority = port === 443 ? hostName(head.host) : `${hostName(head.host)}:${port}`;
  return `https://${authority}${head.target}`;
}
