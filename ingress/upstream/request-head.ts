import { type BodyLength, chunkedBody, unframed } from '../http1/index.ts';
import type { UpstreamRequest } from './stream.ts';

/** The head in HTTP/1.1: Host first (RFC 9112 §3.2), framing from what was parsed, last. */
export function requestHead({ method, target, host, lines, bodyLength }: UpstreamRequest): string {
  const framing = framingLine(bodyLength, method);
  return `${method} ${target} HTTP/1.1\r\nHost: ${host}\r\n${lines}${framing}\r\n`;
}

function framingLine(length: BodyLength, method: string): string {
  if (length === chunkedBody) return 'Transfer-Encoding: chunked\r\n';
  if (length !== unframed) return `Content-Length: ${length}\r\n`;
  // RFC 9110 §8.6: methods that expect a body say so when there is none.
  const expectsBody = method === 'POST' || method === 'PUT' || method === 'PATCH';
  return expectsBody ? 'Content-Length: 0\r\n' : '';
}
