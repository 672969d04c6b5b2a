import { STATUS_CODES } from 'node:http';
import {
  type BodyLength,
  chunkedBody,
  field,
  type ResponseParser,
  unframed,
  untilClose,
} from '../../http1/index.ts';

/** Fields of responses that clients get as the endpoint wrote them; indexed by `field`. */
const passes = new Uint8Array(32).fill(1);
for (const id of [
  field.connection,
  field.contentLength,
  field.transferEncoding,
  field.upgrade,
  field.hopByHop,
  field.keepAlive,
  field.server,
  field.proxyAuthenticate,
]) {
  passes[id] = 0;
}

/** How a response goes out, besides what the endpoint says. */
export interface ClientHeadFacts {
  /** Date line, for a response without one. */
  readonly date: string;
  /** Strict-Transport-Security; '' for none of ours. Replaces the endpoint's. */
  readonly hsts: string;
  /** The connection ends with it. */
  readonly closes: boolean;
  /** How the client is told the length: as parsed, or `untilClose` for a client of HTTP/1.0. */
  readonly length: BodyLength;
}

/**
 * The head of an endpoint's response as the client gets it. `Server` is dropped, as ingress-nginx
 * does; framing is written anew.
 */
export function clientHead(response: ResponseParser, facts: ClientHeadFacts): string {
  const { fields, status } = response;
  const hasDate = fields.first(field.date) !== undefined;
  let head = `HTTP/1.1${fields.text.slice(8, response.lineEnd)}${passedLines(response, facts.hsts)}`;
  if (!hasDate) head += facts.date;
  if (facts.hsts !== '') head += `Strict-Transport-Security: ${facts.hsts}\r\n`;
  if (facts.length >= 0) {
    // RFC 9110 §8.6: never on 204. On HEAD and 304 it is that of the body that is not there.
    const declared = response.bodyLength;
    if (declared !== unframed && declared !== chunkedBody && status !== 204) {
      head += `Content-Length: ${declared}\r\n`;
    }
  } else if (facts.length === chunkedBody) {
    head += 'Transfer-Encoding: chunked\r\n';
  }
  return facts.closes ? `${head}Connection: close\r\n\r\n` : `${head}\r\n`;
}

/** The head of a 1xx response as the client gets it. */
export function informationalHead(response: ResponseParser): string {
  const { fields } = response;
  return `HTTP/1.1${fields.text.slice(8, response.lineEnd)}${passedLines(response, '')}\r\n`;
}

/** The head of a 101 as the client gets it. */
export function switchingHead(response: ResponseParser): string {
  const protocol = response.fields.first(field.upgrade) ?? '';
  const lines = passedLines(response, '');
  return `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\n${lines}\r\n`;
}

/** An answer of the engine's own: a line of plain text that repeats nothing from the request. */
export function ownAnswer(
  status: number,
  facts: Omit<ClientHeadFacts, 'length'>,
  extra: string = '',
  withoutBody: boolean = false,
): string {
  const phrase = STATUS_CODES[status] ?? '';
  const text = status === 204 ? '' : `${status} ${phrase}\n`;
  let head = `HTTP/1.1 ${status} ${phrase}\r\n`;
  if (text) head += `Content-Type: text/plain; charset=utf-8\r\nContent-Length: ${text.length}\r\n`;
  head += extra + facts.date;
  if (facts.hsts !== '') head += `Strict-Transport-Security: ${facts.hsts}\r\n`;
  if (facts.closes) head += 'Connection: close\r\n';
  return withoutBody ? `${head}\r\n` : `${head}\r\n${text}`;
}

/** What a body of `parsed` length becomes towards a client. */
export function lengthForClient(parsed: BodyLength, minorVersion: number): BodyLength {
  if (parsed >= 0) return parsed;
  return minorVersion === 0 ? untilClose : chunkedBody;
}

function passedLines(response: ResponseParser, ownHsts: string): string {
  const { fields } = response;
  let lines = '';
  let runStart = -1;
  for (let index = 0; index < fields.count; index += 1) {
    const id = fields.id(index);
    const isReplaced = id === field.strictTransportSecurity && ownHsts !== '';
    const isPassed = passes[id] === 1 && !isReplaced && fields.isClean(index);
    if (isPassed && runStart < 0) runStart = fields.lineStart(index);
    if (isPassed) continue;
    if (runStart >= 0) lines += fields.text.slice(runStart, fields.lineStart(index));
    runStart = -1;
    // RFC 9112 §5.1: a proxy removes the space before the colon.
    if (passes[id] === 1 && !isReplaced)
      lines += `${fields.name(index)}: ${fields.value(index)}\r\n`;
  }
  if (runStart >= 0) lines += fields.text.slice(runStart, fields.lineEnd(fields.count - 1));
  return lines;
}
