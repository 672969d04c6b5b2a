import type { IncomingMessage } from 'node:http';
import { normalizePath } from '../../router/index.ts';
import type { EngineLimits } from '../shared/options.ts';
import { closingRefusal, type Refusal, refusal } from './refusal.ts';

/** What the engine goes by, read once from a request head. */
export interface RequestHead {
  /** In origin-form, as it came: `/p?q`. */
  readonly target: string;
  /** Of the target, without query, normalised: what routes are matched on. */
  readonly path: string;
  /** As sent, with port; an absolute target's authority counts before the field. */
  readonly host: string;
  readonly framing: BodyFraming;
  /** `Expect: 100-continue`: the client waits for our word before it sends the body. */
  readonly expectsContinue: boolean;
}

/** How long the body is. Upstream gets the same, written anew. */
export type BodyFraming =
  | { readonly kind: 'none'; readonly explicitZero: boolean }
  | { readonly kind: 'length'; readonly bytes: number }
  | { readonly kind: 'chunked' };

/** A host and an optional port (RFC 3986 reg-name without sub-delims, or an IPv6 literal). */
const validHost = /^(?:[A-Za-z0-9._~%-]+|\[[0-9A-Fa-f:.]+\])(?::\d{0,5})?$/;

/**
 * Reads a request head that node's parser let through, and refuses what two servers could read
 * differently. Node's parser (strict) has checked line ends, names and values, and that not both
 * Content-Length and Transfer-Encoding are there.
 */
export function readHead(request: IncomingMessage, limits: EngineLimits): RequestHead | Refusal {
  const { method = '', url = '', httpVersion } = request;
  if (request.rawHeaders.length / 2 > limits.headerLines) {
    return closingRefusal(431, 'too-many-headers');
  }
  if (url.length > limits.targetBytes) return closingRefusal(414, 'target-too-long');
  // Tunnels to anywhere, and echoes of what cookies the client holds: neither is a gateway's job.
  if (method === 'CONNECT' || method === 'TRACE') return closingRefusal(405, 'method');
  if (!/^[\x21-\x7e]+$/.test(url) || url.includes('#'))
    return closingRefusal(400, 'invalid-target');

  const framing = readFraming(request);
  if ('status' in framing) return framing;
  const target = readTarget(request, url);
  if ('status' in target) return target;
  const expect = request.headers.expect?.toLowerCase();
  if (expect !== undefined && expect !== '100-continue') return refusal(417, 'expectation');
  return { ...target, framing, expectsContinue: expect !== undefined && httpVersion !== '1.0' };
}

/** RFC 9112 §6.3, the strict reading: one `chunked` and nothing else. */
function readFraming(request: IncomingMessage): BodyFraming | Refusal {
  // Several lines come joined with commas.
  const coding = request.headers['transfer-encoding']?.toLowerCase();
  if (coding !== undefined) {
    if (request.httpVersion === '1.0') return closingRefusal(400, 'transfer-encoding-in-1.0');
    if (/chunked.*chunked/.test(coding)) return closingRefusal(400, 'invalid-transfer-encoding');
    if (coding !== 'chunked') return closingRefusal(501, 'transfer-coding');
    return { kind: 'chunked' };
  }
  const length = request.headers['content-length'];
  if (length === undefined) return { kind: 'none', explicitZero: false };
  if (!/^\d{1,16}$/.test(length)) return closingRefusal(400, 'invalid-content-length');
  const bytes = Number(length);
  if (!Number.isSafeInteger(bytes)) return closingRefusal(400, 'invalid-content-length');
  return bytes === 0 ? { kind: 'none', explicitZero: true } : { kind: 'length', bytes };
}

function readTarget(
  request: IncomingMessage,
  url: string,
): Pick<RequestHead, 'target' | 'path' | 'host'> | Refusal {
  const field = request.headers.host;
  if (countFields(request, 'host') > 1) return closingRefusal(400, 'several-hosts');
  if (field === undefined || !isHost(field)) return closingRefusal(400, 'invalid-host');
  if (url === '*' && request.method === 'OPTIONS') return { target: '*', path: '*', host: field };
  const absolute = /^https?:\/\/([^/?]*)(.*)$/i.exec(url);
  const authority = absolute?.[1] ?? field;
  if (!isHost(authority) || !sameHost(authority, field))
    return closingRefusal(400, 'host-mismatch');
  const rest = absolute ? (absolute[2] ?? '') : url;
  const target = rest.startsWith('/') || !absolute ? rest : `/${rest}`;
  if (!target.startsWith('/')) return closingRefusal(400, 'invalid-target');
  const query = target.indexOf('?');
  const path = normalizePath(query < 0 ? target : target.slice(0, query));
  if (path === undefined) return closingRefusal(400, 'invalid-path');
  return { target, path, host: authority };
}

/** node keeps the first of several Host fields, and says nothing. */
function countFields({ rawHeaders }: IncomingMessage, name: string): number {
  let count = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const field = rawHeaders[index] ?? '';
    if (field.length === name.length && field.toLowerCase() === name) count += 1;
  }
  return count;
}

function isHost(host: string): boolean {
  if (!validHost.test(host)) return false;
  const port = /:(\d+)$/.exec(host)?.[1];
  return host.startsWith('[') && port === undefined ? true : Number(port ?? 0) <= 65_535;
}

/** Equal but for case and a default port. */
function sameHost(a: string, b: string): boolean {
  const plain = (host: string): string => host.toLowerCase().replace(/:(?:80|443)?$/, '');
  return plain(a) === plain(b);
}
