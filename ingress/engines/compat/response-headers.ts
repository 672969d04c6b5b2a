import type { IncomingMessage } from 'node:http';
import { hopByHopNames } from './hop-by-hop.ts';

/** What the engine itself adds to a response. */
export interface ResponseAdditions {
  /** Strict-Transport-Security; undefined on plain HTTP. Replaces the backend's. */
  readonly hsts: string | undefined;
  /** The client connection ends with this response. */
  readonly closes: boolean;
}

/**
 * The fields of an endpoint's response as the client gets them, as a flat list of names and
 * values: what repeats stays apart (Set-Cookie must). `Server` is dropped, as ingress-nginx does.
 * Framing: Content-Length stays where the body is known to have it; node writes the rest.
 */
export function responseHeaders(response: IncomingMessage, added: ResponseAdditions): string[] {
  const dropped = hopByHopNames(response.headers.connection);
  const status = response.statusCode ?? 0;
  const list: string[] = [];
  for (let index = 0; index + 1 < response.rawHeaders.length; index += 2) {
    const [name = '', value = ''] = response.rawHeaders.slice(index, index + 2);
    const lower = name.toLowerCase();
    if (dropped.has(lower) || lower === 'server' || lower === 'proxy-authenticate') continue;
    if (lower === 'strict-transport-security' && added.hsts !== undefined) continue;
    // RFC 9110 §8.6: never on 204.
    if (lower === 'content-length' && status === 204) continue;
    list.push(name, value);
  }
  return [...list, ...addedHeaders(added)];
}

/** The engine's own fields, for its own answers too. */
export function addedHeaders({ hsts, closes }: ResponseAdditions): string[] {
  return [
    ...(hsts ? ['Strict-Transport-Security', hsts] : []),
    ...(closes ? ['Connection', 'close'] : []),
  ];
}

/** Transfer codings that node does not undo: what is in the body cannot be known, so 502. */
export function hasUnknownCoding(response: IncomingMessage): boolean {
  const coding = response.headers['transfer-encoding'];
  return coding !== undefined && coding.trim().toLowerCase() !== 'chunked';
}
