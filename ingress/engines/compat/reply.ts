import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Clock } from '../../../controller/base/index.ts';
import { type DrainLimits, drainBody } from './drain-body.ts';
import { addedHeaders, type ResponseAdditions } from './response-headers.ts';

/** An answer of the engine's own. */
export interface Reply extends ResponseAdditions {
  readonly status: number;
  readonly headers?: readonly string[];
}

/**
 * Answers without an endpoint: a line of plain text that repeats nothing from the request. What
 * is left of the request's body is read and dropped, up to the limits; where the connection is
 * to be closed, it stays until then, or the reset that follows could overtake the answer.
 */
export function sendReply(
  request: IncomingMessage,
  response: ServerResponse,
  reply: Reply,
  clock: Clock,
  limits: DrainLimits,
): void {
  const { status } = reply;
  const text = status === 204 ? '' : `${status} ${STATUS_CODES[status] ?? ''}\n`;
  response.writeHead(status, [
    ...(text ? ['Content-Type', 'text/plain; charset=utf-8'] : []),
    ...(text ? ['Content-Length', `${text.length}`] : []),
    ...(reply.headers ?? []),
    ...addedHeaders(reply),
  ]);
  if (request.complete) {
    response.end(text);
    return;
  }
  if (!reply.closes) response.end(text);
  else if (request.method === 'HEAD') response.flushHeaders();
  else response.write(text);
  drainBody(request, clock, limits, (isWhole) => {
    if (reply.closes) response.end();
    else if (!isWhole) request.destroy();
  });
}

/** The same for a connection on which node could not read a request: nothing but a socket. */
export function rawReply(status: number): string {
  const text = `${status} ${STATUS_CODES[status] ?? ''}`;
  return `HTTP/1.1 ${text}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`;
}
