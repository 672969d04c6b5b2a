import { field, type RequestHead } from '../../http1/index.ts';
import { normalizePath, type RouteMatch } from '../../router/index.ts';
import type { OwnAnswer } from '../../filters/index.ts';
import type { ClientIdentity } from '../shared/client-identity.ts';
import { httpsLocation } from '../shared/https-redirect.ts';
import type { ClientStream } from './client-stream.ts';
import type { WireContext } from './context.ts';
import { timesSeen } from './upstream-head.ts';
import { targetFor } from './upstream-target.ts';

/** More passes through ourselves than any sane topology has. */
const maxPasses = 10;

/** What a request asks for, as far as it could be told. */
export interface FoundRoute {
  /** Normalised, without query. */
  readonly path: string;
  /** Undefined: it was refused before anybody asked. */
  readonly identity: ClientIdentity | undefined;
  readonly match: RouteMatch | undefined;
  /** For endpoints: as it came, or normalised where that makes a difference. */
  readonly target: string;
  /** Nobody else need be asked. */
  readonly answer: OwnAnswer | undefined;
}

/** Finds who serves a request: a route, a default backend, or ourselves. */
export function findRoute(
  context: WireContext,
  client: ClientStream,
  request: RequestHead,
): FoundRoute {
  const { method, target, host } = request;
  if (method === 'CONNECT' || method === 'TRACE') return ownReply(405, 'method', true);
  if (timesSeen(request.fields) >= maxPasses) return ownReply(508, 'loop', false);
  if (target === '*') return ownReply(204, '', false);
  // RFC 9110 §7.6.2: the last recipient answers by itself.
  if (method === 'OPTIONS' && request.fields.first(field.maxForwards) === '0') {
    return ownReply(204, '', false);
  }
  const query = target.indexOf('?');
  const rawPath = query < 0 ? target : target.slice(0, query);
  const path = normalizePath(rawPath);
  if (path === undefined) return ownReply(400, 'path-above-root', true);
  const identity = identify(context, client, request);
  const router = context.router();
  const match = router.match(host, path);
  if (!match) return { path, identity, match, target, answer: noRoute };
  const place = { target, path, host };
  const location = httpsLocation(match, place, identity, context.redirectPort());
  if (location !== undefined) {
    const fields = [['Location', location]] as const;
    return { path, identity, match, target, answer: { status: 308, fields, reason: '' } };
  }
  const upstreamTarget =
    rawPath === path ? target : targetFor(router, match, { ...place, rawPath });
  return { path, identity, match, target: upstreamTarget, answer: undefined };
}

const noRoute: OwnAnswer = { status: 404, reason: 'no-route' };

function ownReply(status: number, reason: string, closes: boolean): FoundRoute {
  const answer = { status, reason, closes };
  return { path: '', identity: undefined, match: undefined, target: '', answer };
}

function identify(
  { identifier }: WireContext,
  { arrival, peer }: ClientStream,
  { fields, host }: RequestHead,
): ClientIdentity {
  return identifier.identify(
    { peer, scheme: arrival.scheme, port: arrival.port, host },
    {
      for: fields.joined(field.forwardedFor),
      proto: fields.first(field.forwardedProto),
      host: fields.first(field.forwardedHost),
      port: fields.first(field.forwardedPort),
      forwarded: fields.joined(field.forwarded),
    },
  );
}
