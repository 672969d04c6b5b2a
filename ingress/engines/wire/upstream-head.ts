import {
  chunkedBody,
  type FieldEdits,
  field,
  type HeadFields,
  type RequestHead,
} from '../../http1/index.ts';
import type { ClientIdentity } from '../shared/client-identity.ts';
import { isTraceParent, newTraceParent } from './trace-context.ts';
import { viaPseudonym } from '../shared/via.ts';

/** Fields that endpoints get as the client wrote them; indexed by `field`. */
const passes = new Uint8Array(32);
for (const id of [
  field.other,
  field.userAgent,
  field.cookie,
  field.authorization,
  field.date,
  field.server,
  field.strictTransportSecurity,
  field.proxyAuthenticate,
  field.traceParent,
  field.referer,
]) {
  passes[id] = 1;
}

/** What is known about a request besides its head. */
export interface UpstreamFacts {
  readonly requestId: string;
  /** Lines that `identityLines` made. */
  readonly identity: string;
  readonly isUpgrade: boolean;
  /** Requests without a trace of their own get one. */
  readonly beginsTrace: boolean;
  /** What filters change; undefined: nothing. */
  readonly edits: FieldEdits | undefined;
}

/**
 * The fields of a request as endpoints get them, but for Host and framing: the client's in its
 * order and spelling, less those of the connection and those we own, and then ours. Lines that
 * follow each other and pass are taken in one piece.
 */
export function upstreamLines(request: RequestHead, facts: UpstreamFacts): string {
  const { fields } = request;
  let head = passedLines(fields);
  head += `X-Request-ID: ${facts.requestId}\r\n${facts.identity}`;
  const originalFor = fields.joined(field.forwardedFor);
  // The client's word, kept apart: for applications that want to look at it all the same.
  if (originalFor !== undefined) head += `X-Original-Forwarded-For: ${originalFor}\r\n`;
  const via = fields.joined(field.via);
  const own = `${request.version} ${viaPseudonym}`;
  head += forwardsLine(request) + traceLine(fields, facts);
  head += via === undefined ? `Via: ${own}\r\n` : `Via: ${via}, ${own}\r\n`;
  if (facts.edits && !facts.edits.isEmpty) head = facts.edits.applyTo(head);
  return head + connectionLines(request, facts.isUpgrade);
}

/** RFC 9110 §7.6.2: one less for OPTIONS (and TRACE, which is refused); others may keep theirs. */
function forwardsLine({ method, fields }: RequestHead): string {
  const sent = fields.first(field.maxForwards);
  if (sent === undefined) return '';
  const isCounted = method === 'OPTIONS' && /^\d{1,9}$/.test(sent);
  return `Max-Forwards: ${isCounted ? Number(sent) - 1 : sent}\r\n`;
}

/** A sound traceparent passes with the client's fields; for others a trace begins here if asked. */
function traceLine(fields: HeadFields, { requestId, beginsTrace }: UpstreamFacts): string {
  if (!beginsTrace || isTraceParent(fields.first(field.traceParent))) return '';
  return `traceparent: ${newTraceParent(requestId)}\r\n`;
}

/** The fields that tell endpoints who the client is. */
export function identityLines(client: ClientIdentity): string {
  return (
    (client.forwarded === '' ? '' : `Forwarded: ${client.forwarded}\r\n`) +
    `X-Real-IP: ${client.address}\r\n` +
    `X-Forwarded-For: ${client.forwardedFor}\r\n` +
    `X-Forwarded-Host: ${client.forwardedHost}\r\n` +
    `X-Forwarded-Port: ${client.forwardedPort}\r\n` +
    `X-Forwarded-Proto: ${client.scheme}\r\n` +
    `X-Forwarded-Scheme: ${client.scheme}\r\n` +
    `X-Scheme: ${client.scheme}\r\n`
  );
}

/** How often we are in Via already: a request that passes us again and again goes in circles. */
export function timesSeen(fields: HeadFields): number {
  const via = fields.joined(field.via);
  return via === undefined ? 0 : via.split(` ${viaPseudonym}`).length - 1;
}

function passedLines(fields: HeadFields): string {
  let lines = '';
  let runStart = -1;
  let cookies = 0;
  for (let index = 0; index < fields.count; index += 1) {
    const id = fields.id(index);
    if (id === field.cookie) cookies += 1;
    const isPassed = passes[id] === 1 && (id !== field.cookie || cookies === 1);
    if (isPassed && runStart < 0) runStart = fields.lineStart(index);
    if (!isPassed && runStart >= 0) {
      lines += fields.text.slice(runStart, fields.lineStart(index));
      runStart = -1;
    }
  }
  if (runStart >= 0) lines += fields.text.slice(runStart, fields.lineEnd(fields.count - 1));
  return cookies > 1 ? withJoinedCookies(lines, fields) : lines;
}

/** RFC 9113 §8.2.3 splits Cookie, which HTTP/1.1 must not: many servers read the first line only. */
function withJoinedCookies(lines: string, fields: HeadFields): string {
  const first = fields.first(field.cookie) ?? '';
  const all = fields.joined(field.cookie, '; ') ?? '';
  return lines.replace(/^(cookie:[ \t]*)(.*)$/im, (line, name: string, value: string) =>
    value.trimEnd() === first ? `${name}${all}` : line,
  );
}

/** Fields that are between us and the endpoint. */
function connectionLines({ fields, bodyLength }: RequestHead, isUpgrade: boolean): string {
  if (isUpgrade) return 'Connection: Upgrade\r\nUpgrade: websocket\r\n';
  const trailer = bodyLength === chunkedBody ? fields.joined(field.trailer) : undefined;
  const announced = trailer === undefined ? '' : `Trailer: ${trailer}\r\n`;
  // RFC 9110 §10.1.4: the client takes trailers, and so do we.
  const te = fields.first(field.te);
  const takesTrailers = te !== undefined && /(?:^|,)[ \t]*trailers[ \t]*(?:$|,)/i.test(te);
  return takesTrailers ? `${announced}TE: trailers\r\nConnection: TE\r\n` : announced;
}
