import {
  type BodyLength,
  type BodyPieces,
  breached,
  chunkedBody,
  type ResponseHead,
  untilClose,
} from '../../http1/index.ts';
import { passedTrailers } from '../../http1/trailers.ts';
import { Deadline } from '../../transport/index.ts';
import type { UpstreamRequest, UpstreamStream } from '../../upstream/stream.ts';
import type { UpstreamFailureReason, UpstreamUser } from '../../upstream/user.ts';
import { BodyPart } from '../body-part.ts';
import type { FieldList } from '../field-list.ts';
import { errorCode } from '../frames/frame-types.ts';
import { HeldBody } from '../held-body.ts';
import { encodeLines } from '../message/encode-lines.ts';
import { trailerLines } from '../message/request-text.ts';
import { responseText } from '../message/response-text.ts';
import type { Http2Stream, Http2StreamOwner } from '../stream.ts';
import type { UpstreamConnection } from './upstream-connection.ts';

const empty = Buffer.alloc(0);
/** As with HTTP/1.1: more of them are no use to anybody. */
const maxInformational = 32;
/** Heads are written here for the parser; one at a time. */
let scratch = Buffer.allocUnsafeSlow(16_384);

/** One request to an endpoint over a stream of HTTP/2, and its response. */
export class Http2UpstreamStream implements UpstreamStream, Http2StreamOwner {
  #home: UpstreamConnection;
  readonly #deadline: Deadline;
  readonly #part = new BodyPart();
  #user: UpstreamUser | undefined = undefined;
  #stream: Http2Stream | undefined = undefined;
  #method = '';
  #hasHead = false;
  #informational = 0;
  /** Content-Length less what came; Infinity without one. */
  #left = Number.POSITIVE_INFINITY;
  #isPaused = false;
  #held: HeldBody | undefined = undefined;
  #lastActivityMs = 0;
  #readMs = 0;

  constructor(home: UpstreamConnection) {
    this.#home = home;
    this.#deadline = new Deadline(this);
  }

  get isBehind(): boolean {
    return this.#stream?.isBehind === true;
  }

  begin(user: UpstreamUser, request: UpstreamRequest): void {
    this.#user = user;
    if (request.isUpgrade) {
      setImmediate(() => this.#fail('invalid-response', 'no WebSocket over HTTP/2 to endpoints'));
      return;
    }
    this.#method = request.method;
    const stream = this.#home.openStream(this);
    this.#stream = stream;
    this.#touch();
    this.#readMs = request.readMs;
    this.#home.wheel.set(this.#deadline, request.readMs);
    const { method, target, host, lines, bodyLength } = request;
    const encoder = stream.beginHeaders(lines.length + target.length + host.length + 256);
    encoder.field(':method', method);
    encoder.field(':scheme', this.#home.scheme);
    encoder.field(':authority', host);
    encoder.field(':path', target);
    encodeLines(encoder, lines, 0);
    // We do pass trailers on, and servers of gRPC insist on being told.
    encoder.field('te', 'trailers');
    if (bodyLength >= 0) encoder.field('content-length', `${bodyLength}`);
    stream.endHeaders(bodyLength <= 0 && bodyLength !== chunkedBody);
  }

  sendBody(bytes: Buffer, { pieces, pieceCount, done, trailers }: BodyPieces): void {
    const stream = this.#stream;
    if (!stream) return;
    this.#touch();
    const endsWithData = done && trailers === '';
    for (let index = 0; index < pieceCount; index += 1) {
      const isLast = endsWithData && index === pieceCount - 1;
      stream.send(bytes, pieces[index * 2] ?? 0, pieces[index * 2 + 1] ?? 0, isLast);
    }
    if (!done) return;
    if (trailers !== '') stream.sendTrailers(trailers);
    else if (pieceCount === 0) stream.send(empty, 0, 0, true);
  }

  /** Frames leave at the end of the turn, those of all streams together. */
  flush(): void {}

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    const held = this.#held;
    if (!held) return;
    this.#held = undefined;
    const { bytes, start, end } = held.bytes;
    this.#stream?.consumed(end - start);
    this.#pass(bytes, start, end, held.isEnd, held.trailers);
    this.#user?.upstreamPaused();
  }

  release(): void {
    this.#end(errorCode.noError);
  }

  reset(): void {
    this.#end(errorCode.cancel);
  }

  close(): void {
    this.#end(errorCode.cancel);
  }

  /** There are no tunnels over these streams: `begin` has refused. */
  sendTunnel(): void {}

  endTunnel(): void {}

  /** For the connection: who is to hear that it stands. */
  awaitedBy(user: UpstreamUser): void {
    this.#user = user;
  }

  /** For the connection: it is another one's now. */
  moveTo(home: UpstreamConnection): void {
    this.#home = home;
  }

  /** For the connection: it stands. */
  connected(): void {
    this.#user?.upstreamConnected(this);
  }

  /** For the connection: it never stood, or is lost before the request could be sent. */
  failed(reason: UpstreamFailureReason, unsent: boolean, message: string): void {
    this.#fail(reason, message, unsent);
  }

  headersReceived(list: FieldList, isEnd: boolean): void {
    this.#touch();
    if (this.#hasHead) this.#readTrailers(list, isEnd);
    else this.#readHead(list, isEnd);
  }

  dataReceived(bytes: Buffer, start: number, end: number, isEnd: boolean): void {
    this.#touch();
    this.#left -= end - start;
    if (!this.#hasHead || this.#left < 0 || (isEnd && !this.#hasWholeBody)) {
      this.#fail('invalid-response', 'body that differs from its Content-Length');
      return;
    }
    if (this.#isPaused || this.#held) {
      this.#hold(bytes, start, end, isEnd, '');
      return;
    }
    this.#stream?.consumed(end - start);
    this.#pass(bytes, start, end, isEnd, '');
    this.#home.pausedLater(this);
  }

  streamReset(code: number): void {
    const isUnseen = code === errorCode.refusedStream;
    this.#stream = undefined;
    // RFC 9113 §8.1: the response is whole, and the rest of the request is called off.
    if (this.#held?.isEnd === true) return;
    this.#fail('reset', `stream reset by the endpoint, code ${code}`, isUnseen);
  }

  streamDrained(): void {
    this.#touch();
    if (!this.isBehind) this.#user?.upstreamDrained();
  }

  /** For the connection: all that was read has been handed over. */
  readingPaused(): void {
    this.#user?.upstreamPaused();
  }

  expired(): void {
    const { wheel } = this.#home;
    const leftMs = this.#lastActivityMs + this.#readMs - wheel.nowMs;
    if (leftMs > 0) wheel.set(this.#deadline, leftMs);
    else this.#fail('read-timeout', `no byte within ${this.#readMs} ms`);
  }

  #readHead(list: FieldList, isEnd: boolean): void {
    const text = list.isTooLarge ? undefined : responseText(list);
    if (text === undefined) {
      this.#fail('invalid-response', list.isTooLarge ? 'head-too-large' : 'malformed head');
      return;
    }
    const { parser } = this.#home;
    if (scratch.length < text.length) scratch = Buffer.allocUnsafeSlow(text.length);
    const length = scratch.write(text, 'latin1');
    const after = parser.parse(scratch, 0, length);
    if (after === breached || after !== length || parser.status === 101) {
      this.#fail('invalid-response', after === breached ? parser.breach : 'malformed head');
      return;
    }
    if (parser.status < 200) this.#informed(parser, isEnd);
    else this.#answered(parser, parser.bodyFor(this.#method), isEnd);
  }

  #informed(head: ResponseHead, isEnd: boolean): void {
    this.#informational += 1;
    if (isEnd || this.#informational > maxInformational) {
      this.#fail('invalid-response', isEnd ? '1xx that ends' : 'too many 1xx responses');
    } else if (head.status !== 100) {
      this.#user?.upstreamInformed(head);
    }
  }

  #answered(head: ResponseHead, framed: BodyLength, isEnd: boolean): void {
    this.#hasHead = true;
    if (framed !== untilClose) this.#left = framed;
    if (isEnd && !this.#hasWholeBody) {
      this.#fail('invalid-response', 'no body, but a Content-Length');
      return;
    }
    this.#user?.upstreamHead(this, head, isEnd ? 0 : framed);
    if (isEnd) this.#pass(empty, 0, 0, true, '');
    this.#home.pausedLater(this);
  }

  #readTrailers(list: FieldList, isEnd: boolean): void {
    const lines = isEnd && !list.isTooLarge ? trailerLines(list) : undefined;
    if (lines === undefined || !this.#hasWholeBody) {
      this.#fail('invalid-response', 'malformed trailers');
      return;
    }
    const trailers = passedTrailers(lines);
    if (this.#isPaused || this.#held) this.#hold(empty, 0, 0, true, trailers);
    else this.#pass(empty, 0, 0, true, trailers);
  }

  get #hasWholeBody(): boolean {
    return this.#left === 0 || this.#left === Number.POSITIVE_INFINITY;
  }

  #pass(bytes: Buffer, start: number, end: number, isEnd: boolean, trailers: string): void {
    if (isEnd) this.#home.wheel.clear(this.#deadline);
    this.#user?.upstreamBody(this, bytes, this.#part.set(start, end, isEnd, trailers));
  }

  #hold(bytes: Buffer, start: number, end: number, isEnd: boolean, trailers: string): void {
    const held = this.#held ?? new HeldBody(end - start);
    this.#held = held;
    held.append(bytes, start, end);
    held.isEnd = isEnd;
    held.trailers = trailers;
  }

  #fail(reason: UpstreamFailureReason, message: string, unsent: boolean = false): void {
    const user = this.#user;
    this.#end(reason === 'invalid-response' ? errorCode.protocolError : errorCode.cancel);
    const status = reason.endsWith('-timeout') ? 504 : 502;
    user?.upstreamFailed(this, { reason, status, unsent, stale: false, message });
  }

  #touch(): void {
    this.#lastActivityMs = this.#home.wheel.nowMs;
  }

  #end(code: number): void {
    const stream = this.#stream;
    this.#user = undefined;
    this.#stream = undefined;
    this.#held = undefined;
    this.#home.wheel.clear(this.#deadline);
    if (stream) stream.reset(code);
    else this.#home.forget(this);
  }
}
