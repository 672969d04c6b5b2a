import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { ClientIdentity } from './client-identity.ts';
import { hopByHopNames } from './hop-by-hop.ts';
import type { RequestHead } from './request-head.ts';

/** Our name in Via. */
export const viaPseudonym = 'portolan';

/**
 * Set here from what we know, so the client's own are dropped; with names of framing fields,
 * which are written anew for each connection.
 */
const owned: ReadonlySet<string> = new Set([
  'host',
  'content-length',
  'expect',
  'proxy',
  'proxy-authorization',
  'forwarded',
  'via',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-forwarded-proto',
  'x-forwarded-scheme',
  'x-original-forwarded-for',
  'x-real-ip',
  'x-request-id',
  'x-scheme',
]);

/** What becomes known about a request before it is sent on. */
export interface UpstreamRequest {
  readonly head: RequestHead;
  readonly client: ClientIdentity;
  readonly requestId: string;
  /** The protocol to switch to; undefined for plain requests. */
  readonly upgrade: 'websocket' | undefined;
}

/**
 * The fields of a request as endpoints get them: the client's, in its order and spelling, less
 * those of the connection, those we own and names with `_` (which CGI-like servers cannot tell
 * from `-`), and then ours.
 */
export function upstreamHeaders(
  request: IncomingMessage,
  { head, client, requestId, upgrade }: UpstreamRequest,
): IncomingHttpHeaders {
  const headers: IncomingHttpHeaders = { Host: head.host };
  const dropped = hopByHopNames(request.headers.connection);
  const spelling = new Map<string, string>();
  for (let index = 0; index + 1 < request.rawHeaders.length; index += 2) {
    const [name = '', value = ''] = request.rawHeaders.slice(index, index + 2);
    const lower = name.toLowerCase();
    if (dropped.has(lower) || owned.has(lower) || lower.includes('_')) continue;
    const key = spelling.get(lower) ?? name;
    spelling.set(lower, key);
    const before = headers[key];
    headers[key] = before === undefined ? value : [before, value].flat();
  }
  return {
    ...headers,
    'X-Request-ID': requestId,
    'X-Real-IP': client.address,
    'X-Forwarded-For': client.forwardedFor,
    'X-Forwarded-Host': client.forwardedHost,
    'X-Forwarded-Port': client.forwardedPort,
    'X-Forwarded-Proto': client.scheme,
    'X-Forwarded-Scheme': client.scheme,
    'X-Scheme': client.scheme,
    ...originalForwardedFor(request),
    Via: appendVia(request),
    ...(upgrade && { Connection: 'Upgrade', Upgrade: upgrade }),
  };
}

/** How often we are in Via already: a request that passes us again and again goes in circles. */
export function timesSeen(request: IncomingMessage): number {
  return (request.headers.via ?? '').split(` ${viaPseudonym}`).length - 1;
}

/** The client's word, kept apart: for applications that want to look at it all the same. */
function originalForwardedFor(request: IncomingMessage): IncomingHttpHeaders {
  const sent = request.headers['x-forwarded-for'];
  return sent === undefined ? {} : { 'X-Original-Forwarded-For': sent };
}

/** RFC 9110 §7.6.3: a gateway names itself towards the origin. */
function appendVia(request: IncomingMessage): string {
  const own = `${request.httpVersion} ${viaPseudonym}`;
  const sent = request.headers.via;
  return sent === undefined ? own : `${sent}, ${own}`;
}
