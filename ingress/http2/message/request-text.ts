import type { FieldList } from '../field-list.ts';
import { fieldKind, type HeaderField } from '../hpack/header-field.ts';

/** What a request's head says, in the words of HTTP/1.1. */
export interface RequestText {
  /** Head of a request of HTTP/1.1 with the same meaning: still to be parsed, as any other. */
  readonly text: string;
  /** It may get trailers behind the response (`te: trailers`). */
  readonly isGrpc: boolean;
}

/** RFC 8441 §5.1. Others have no meaning here. */
const webSocket = 'websocket';

/**
 * Reads the head of a request (RFC 9113 §8.3.1) and writes it as HTTP/1.1 would, so that one
 * parser decides for both what is sound. Fields have been checked one by one: none can end its
 * line. `webSocketKey`: what to ask an endpoint with, in place of what HTTP/2 does without.
 * Undefined: malformed. 501: a `:protocol` that is not ours.
 */
export function requestText(
  list: FieldList,
  isEnd: boolean,
  webSocketKey: string,
): RequestText | 501 | undefined {
  const pseudo: (string | undefined)[] = [];
  let lines = '';
  let host: string | undefined;
  let cookies = '';
  let hasLength = false;
  let isRegular = false;
  let isGrpc = false;
  for (const field of list.fields) {
    const { kind, name, value } = field;
    if (kind < fieldKind.regular) {
      // Before all others, each once, and never empty but for the authority.
      const isFine = !isRegular && pseudo[kind] === undefined && kind !== fieldKind.status;
      if (!isFine || hasSpace(value)) return undefined;
      pseudo[kind] = value;
      continue;
    }
    isRegular = true;
    switch (kind) {
      case fieldKind.malformed:
        return undefined;
      case fieldKind.host:
        if (host !== undefined) return undefined;
        host = value;
        break;
      case fieldKind.cookie:
        // RFC 9113 §8.2.3: crumbs for the sake of compression, one line for everybody else.
        cookies = cookies === '' ? value : `${cookies}; ${value}`;
        break;
      case fieldKind.te:
        if (value.toLowerCase() !== 'trailers') return undefined;
        break;
      case fieldKind.contentLength:
        hasLength = true;
        lines += field.line;
        break;
      default:
        if (name === 'content-type' && value.startsWith('application/grpc')) isGrpc = true;
        lines += field.line;
    }
  }
  const line = requestLine(pseudo, isEnd);
  if (line === undefined || line === 501) return line;
  const authority = pseudo[fieldKind.authority] ?? host;
  if (host !== undefined && host.toLowerCase() !== authority?.toLowerCase()) return undefined;
  if (cookies !== '') lines += `Cookie: ${cookies}\r\n`;
  if (pseudo[fieldKind.protocol] !== undefined) {
    lines += `Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: ${webSocketKey}\r\n`;
  } else if (!isEnd && !hasLength) {
    lines += 'Transfer-Encoding: chunked\r\n';
  }
  const hostLine = authority === undefined ? '' : `Host: ${authority}\r\n`;
  return { text: `${line}${hostLine}${lines}\r\n`, isGrpc };
}

/** The request line, with CRLF. */
function requestLine(
  pseudo: readonly (string | undefined)[],
  isEnd: boolean,
): string | 501 | undefined {
  const method = pseudo[fieldKind.method];
  const scheme = pseudo[fieldKind.scheme];
  const path = pseudo[fieldKind.path];
  const protocol = pseudo[fieldKind.protocol];
  if (!method) return undefined;
  if (method === 'CONNECT' && protocol === undefined) {
    const authority = pseudo[fieldKind.authority];
    if (scheme !== undefined || path !== undefined || !authority) return undefined;
    return `CONNECT ${authority} HTTP/1.1\r\n`;
  }
  if (!scheme || !path || !(path.startsWith('/') || (path === '*' && method === 'OPTIONS'))) {
    return undefined;
  }
  if (protocol === undefined) return `${method} ${path} HTTP/1.1\r\n`;
  if (method !== 'CONNECT' || isEnd) return undefined;
  return protocol === webSocket ? `GET ${path} HTTP/1.1\r\n` : 501;
}

/** The lines of a trailer section; undefined: malformed. */
export function trailerLines(list: FieldList): string | undefined {
  let lines = '';
  for (const { kind, line } of list.fields) {
    if (kind < fieldKind.regular || kind === fieldKind.malformed) return undefined;
    lines += line;
  }
  return lines;
}

function hasSpace(value: HeaderField['value']): boolean {
  return value.includes(' ') || value.includes('\t');
}
