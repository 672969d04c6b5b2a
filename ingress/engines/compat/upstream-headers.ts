import type { IncomingMessage } from 'node:http';
import type { ClientIdentity } from '../shared/client-identity.ts';
import { viaPseudonym } from '../shared/via.ts';
import { hopByHopNames } from './hop-by-hop.ts';
import type { RequestHead } from './request-head.ts';

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

/** By lower-case name: the name as spelled, and one value or several. */
export type UpstreamHeaders = ReadonlyMap<
  string,
  readonly [name: string, value: string | string[]]
>;

/**
 * The fields of a request as endpoints get them: Host first (RFC 9112 §3.2), then the client's in
 * its order and spelling, less those of the connection, those we own and names with `_` (which
 * CGI-like servers cannot tell from `-`), and then ours.
 */
export function upstreamHeaders(request: IncomingMessage, sent: UpstreamRequest): UpstreamHeaders {
  const headers = new Map<string, readonly [string, string | string[]]>();
  headers.set('host', ['Host', sent.head.host]);
  const dropped = hopByHopNames(request.headers.connection);
  for (let index = 0; index + 1 < request.rawHeaders.length; index += 2) {
    const [name = '', value = ''] = request.rawHeaders.slice(index, index + 2);
    const lower = name.toLowerCase();
    if (dropped.has(lower) || owned.has(lower) || lower.includes('_')) continue;
    const before = headers.get(lower);
    headers.set(lower, before ? [before[0], [before[1], value].flat()] : [name, value]);
  }
  for (const [name, value] of ownHeaders(request, sent)) {
    headers.set(name.toLowerCase(), [name, value]);
  }
  return headers;
}

function ownHeaders(
  request: IncomingMessage,
  { client, requestId, upgrade }: UpstreamRequest,
): readonly (readonly [string, string])[] {
  const originalFor = request.headers['x-forwarded-for'];
  return [
    ['X-Request-ID', requestId],
    ['X-Real-IP', client.address],
    ['X-Forwarded-For', client.forwardedFor],
    ['X-Forwarded-Host', client.forwardedHost],
    ['X-Forwarded-Port', client.forwardedPort],
    ['X-Forwarded-Proto', client.scheme],
    ['X-Forwarded-Scheme', client.scheme],
    ['X-Scheme', client.scheme],
    // The client's word, kept apart: for applications that want to look at it all the same.
    ...(originalFor === undefined
      ? []
      : [['X-Original-Forwarded-For', [originalFor].flat().join(', ')] as const]),
    ['Via', appendVia(request)],
    ...(upgrade
      ? ([
          ['Connection', 'Upgrade'],
          ['Upgrade', upgrade],
        ] as const)
      : []),
  ];
}

/** How often we are in Via already: a request that passes us again and again goes in circles. */
export function timesSeen(request: IncomingMessage): number {
  return (request.headers.via ?? '').split(` ${viaPseudonym}`).length - 1;
}

/** RFC 9110 §7.6.3: a gateway names itself towards the origin. */
function appendVia(request: IncomingMessage): string {
  const own = `${request.httpVersion} ${viaPseudonym}`;
  const sent = request.headers.via;
  return sent === undefined ? own : `${sent}, ${own}`;
}
