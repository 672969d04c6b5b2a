import { STATUS_CODES } from 'node:http';
import type { OwnAnswer } from '../../filters/index.ts';
import {
  type BodyLength,
  chunkedBody,
  cleanValue,
  field,
  type ResponseHead,
  unframed,
  untilClose,
} from '../../http1/index.ts';
import type { HeadEdits } from './client-stream.ts';

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
  field.te,
  field.trailer,
]) {
  passes[id] = 0;
}

/** What every answer to a client has, whoever gives it. */
export interface AnswerFacts {
  /** Date line, for a response without one. */
  readonly date: string;
  /** Strict-Transport-Security; '' for none of ours. Replaces the endpoint's. */
  readonly hsts: string;
  /** What filters change; undefined: nothing. */
  readonly edits: HeadEdits | undefined;
}

/** How a response goes out over HTTP/1.1, besides what the endpoint says. */
export interface ClientHeadFacts extends AnswerFacts {
  /** The connection ends with it. */
  readonly closes: boolean;
  /** How the client is told the length: as parsed, or `untilClose` for a client of HTTP/1.0. */
  readonly length: BodyLength;
}

/** The head of an endpoint's response as the client gets it; framing is written anew. */
export function clientHead(response: ResponseHead, facts: ClientHeadFacts): string {
  const { fields } = response;
  let head = facts.edits
    ? `${statusLine(facts.edits.status)}${responseLines(response, facts)}`
    : `HTTP/1.1${fields.text.slice(8, response.lineEnd)}${responseLines(response, facts)}`;
  if (facts.length >= 0) {
    const declared = declaredLength(response);
    if (declared >= 0) head += `Content-Length: ${declared}\r\n`;
  } else if (facts.length === chunkedBody) {
    head += 'Transfer-Encoding: chunked\r\n';
    const trailer = fields.joined(field.trailer);
    if (trailer !== undefined) head += `Trailer: ${trailer}\r\n`;
  }
  return facts.closes ? `${head}Connection: close\r\n\r\n` : `${head}\r\n`;
}

/**
 * The fields of an endpoint's response as clients get them, but for framing. `Server` is dropped,
 * as ingress-nginx does.
 */
export function responseLines(response: ResponseHead, { date, hsts, edits }: AnswerFacts): string {
  let lines = passedLines(response, hsts);
  if (response.fields.first(field.date) === undefined) lines += date;
  if (hsts !== '') lines += `Strict-Transport-Security: ${hsts}\r\n`;
  return edits && !edits.fields.isEmpty ? edits.fields.applyTo(lines) : lines;
}

/**
 * Content-Length of a response, or a negative number where it has none to tell. RFC 9110 §8.6:
 * never on 204; on HEAD and 304 it is that of the body that is not there.
 */
export function declaredLength({ bodyLength, status }: ResponseHead): number {
  return status === 204 ? unframed : bodyLength;
}

/** The head of a 1xx response as the client gets it. */
export function informationalHead(response: ResponseHead): string {
  const { fields } = response;
  return `HTTP/1.1${fields.text.slice(8, response.lineEnd)}${passedLines(response, '')}\r\n`;
}

/** The head of a 101 as the client gets it. */
export function switchingHead(response: ResponseHead): string {
  const protocol = response.fields.first(field.upgrade) ?? '';
  const lines = passedLines(response, '');
  return `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\n${lines}\r\n`;
}

/** An answer of our own over HTTP/1.1. */
export function ownAnswer(
  answer: OwnAnswer,
  facts: AnswerFacts & { readonly closes: boolean },
  withoutBody: boolean,
): string {
  const { lines, body } = answerParts(answer, facts);
  const head = `${statusLine(answer.status)}${lines}${facts.closes ? 'Connection: close\r\n' : ''}\r\n`;
  return withoutBody ? head : head + body;
}

/** Field lines and body, in Latin-1, of an answer of our own. It repeats nothing of the request. */
export function answerParts(
  { status, fields = [], body }: OwnAnswer,
  { date, hsts, edits }: AnswerFacts,
): { readonly lines: string; readonly body: string } {
  const hasBody = status !== 204 && status !== 304;
  const { type, text } = body ?? {
    type: 'text/plain; charset=utf-8',
    text: `${status} ${STATUS_CODES[status] ?? ''}\n`,
  };
  // A character for each byte, as composers write them.
  const bytes = hasBody ? Buffer.from(text, 'utf8').toString('latin1') : '';
  let lines = hasBody ? `Content-Type: ${type}\r\nContent-Length: ${bytes.length}\r\n` : '';
  for (const [name, value] of fields) lines += `${name}: ${cleanValue(value)}\r\n`;
  lines += date;
  if (hsts !== '') lines += `Strict-Transport-Security: ${hsts}\r\n`;
  return {
    lines: edits && !edits.fields.isEmpty ? edits.fields.applyTo(lines) : lines,
    body: bytes,
  };
}

/** What a body of `parsed` length becomes towards a client of HTTP/1. */
export function lengthForClient(parsed: BodyLength, isVersion10: boolean): BodyLength {
  if (parsed >= 0) return parsed;
  return isVersion10 ? untilClose : chunkedBody;
}

function statusLine(status: number): string {
  return `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n`;
}

function passedLines(response: ResponseHead, ownHsts: string): string {
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
