import type { OwnAnswer } from '../../filters/index.ts';
import {
  type BodyLength,
  type BodyPieces,
  breached,
  type RequestHead,
  type ResponseHead,
  statusOf,
} from '../../http1/index.ts';
import { passedTrailers } from '../../http1/trailers.ts';
import {
  type AnswerFacts,
  answerParts,
  declaredLength,
  responseLines,
} from '../../engines/wire/client-head.ts';
import type { ClientStream, HeadEdits } from '../../engines/wire/client-stream.ts';
import type { Arrival } from '../../engines/wire/context.ts';
import { Exchange } from '../../engines/wire/exchange.ts';
import { BodyPart } from '../body-part.ts';
import type { FieldList } from '../field-list.ts';
import { errorCode } from '../frames/frame-types.ts';
import { HeldBody } from '../held-body.ts';
import { encodeLines } from '../message/encode-lines.ts';
import { requestText, trailerLines } from '../message/request-text.ts';
import type { Http2Stream, Http2StreamOwner } from '../stream.ts';
import { grpcAnswerLines } from './grpc-answer.ts';
import type { ServerConnection } from './server-connection.ts';
import { acceptsKey, webSocketKey } from './web-socket-key.ts';

const empty = Buffer.alloc(0);
/** Heads are written here for the parser; one at a time. */
let scratch = Buffer.allocUnsafeSlow(16_384);

/**
 * One request of a client over HTTP/2, and its response: translates between the stream and the
 * exchange, in the words of HTTP/1.1 that the exchange knows.
 */
export class ServerStream implements Http2StreamOwner, ClientStream {
  readonly #home: ServerConnection;
  readonly #stream: Http2Stream;
  readonly #part = new BodyPart();
  #exchange: Exchange | undefined = undefined;
  #state: 'head' | 'body' | 'response' | 'tunnel' | 'discard' = 'head';
  /** Content-Length less what came; Infinity without one. */
  #left = Number.POSITIVE_INFINITY;
  #held: HeldBody | undefined = undefined;
  #isBodyDone = false;
  #isGrpc = false;
  #isHeadMethod = false;
  #webSocketKey = '';
  #awaitsContinue = false;
  #isAnswered = false;

  constructor(home: ServerConnection, stream: Http2Stream) {
    this.#home = home;
    this.#stream = stream;
  }

  get arrival(): Arrival {
    return this.#home.arrival;
  }

  get peer(): string {
    return this.#home.peer;
  }

  get isBodyDone(): boolean {
    return this.#isBodyDone;
  }

  get isBehind(): boolean {
    return this.#stream.isBehind;
  }

  headersReceived(list: FieldList, isEnd: boolean): void {
    if (this.#state === 'head') this.#startRequest(list, isEnd);
    else this.#endWithTrailers(list, isEnd);
  }

  dataReceived(bytes: Buffer, start: number, end: number, isEnd: boolean): void {
    const length = end - start;
    this.#left -= length;
    // RFC 9113 §8.1.1: a length that differs is how H2.CL smuggling begins.
    if (this.#left < 0 || (isEnd && !this.#hasWholeBody)) {
      this.#malformed();
      return;
    }
    if (this.#state === 'discard') {
      this.#stream.consumed(length);
    } else if (this.#mayPass) {
      this.#pass(bytes, start, end, isEnd, '');
      this.#stream.consumed(length);
    } else {
      this.#hold(bytes, start, end, isEnd, '');
    }
  }

  streamReset(): void {
    this.#state = 'discard';
    this.#exchange?.clientGone();
    this.#exchange = undefined;
  }

  streamDrained(): void {
    if (this.#isAnswered) this.#endIfSent();
    else this.#exchange?.clientDrained();
  }

  sendContinue(): void {
    if (!this.#awaitsContinue) return;
    this.#awaitsContinue = false;
    this.#stream.beginHeaders(0).field(':status', '100');
    this.#stream.endHeaders(false);
  }

  sendInformational(head: ResponseHead): void {
    this.#sendHeaders(head.status, responseLines(head, this.#home.informationalFacts), false);
  }

  sendHead(head: ResponseHead, length: BodyLength, edits: HeadEdits | undefined): void {
    const declared = declaredLength(head);
    let lines = responseLines(head, this.#facts(edits));
    if (declared >= 0) lines += `content-length: ${declared}\r\n`;
    this.#sendHeaders(edits?.status ?? head.status, lines, length === 0);
  }

  sendBody(bytes: Buffer, { pieces, pieceCount, done, trailers }: BodyPieces): void {
    const endsWithData = done && trailers === '';
    for (let index = 0; index < pieceCount; index += 1) {
      const isLast = endsWithData && index === pieceCount - 1;
      this.#stream.send(bytes, pieces[index * 2] ?? 0, pieces[index * 2 + 1] ?? 0, isLast);
    }
    if (!done) return;
    if (trailers !== '') this.#stream.sendTrailers(trailers);
    else if (pieceCount === 0) this.#stream.send(empty, 0, 0, true);
  }

  sendAnswer(answer: OwnAnswer, edits: HeadEdits | undefined): void {
    const facts = this.#facts(edits);
    if (this.#isGrpc && answer.status >= 400) {
      const lines = grpcAnswerLines(answer.status, answer.reason) + facts.date;
      this.#sendHeaders(200, lines, true);
      return;
    }
    const { lines, body } = answerParts(answer, facts);
    const hasBody = body !== '' && !this.#isHeadMethod;
    this.#sendHeaders(answer.status, lines, !hasBody);
    if (!hasBody) return;
    const bytes = Buffer.from(body, 'latin1');
    this.#stream.send(bytes, 0, bytes.length, true);
  }

  /** Frames leave at the end of the turn, those of all streams together. */
  flush(): void {}

  switchProtocol(head: ResponseHead): void {
    if (!acceptsKey(head.fields, this.#webSocketKey)) {
      this.truncate();
      return;
    }
    const lines = responseLines(head, this.#home.informationalFacts);
    this.#sendHeaders(200, lines.replace(/^sec-websocket-accept:.*\r\n/im, ''), false);
    this.#state = 'tunnel';
    this.bodyWanted();
  }

  sendTunnel(bytes: Buffer, start: number, end: number): void {
    this.#stream.send(bytes, start, end, false);
  }

  endTunnel(): void {
    this.#stream.send(empty, 0, 0, true);
  }

  /** Streams that have been quiet for too long are reset anyway. */
  tunnelHalfClosed(): void {}

  bodyWanted(): void {
    const held = this.#held;
    if (held && this.#state !== 'response' && this.#exchange?.takesBytes === true) {
      this.#held = undefined;
      const { bytes, start, end } = held.bytes;
      this.#pass(bytes, start, end, held.isEnd, held.trailers);
      this.#stream.consumed(end - start);
    }
    // Otherwise what is being read now goes with the head.
    if (!this.#home.flushLater(this)) this.flushRequest();
  }

  /** The head of the request goes out, if it waited for a body. */
  flushRequest(): void {
    this.#exchange?.flushRequest();
  }

  done(): void {
    this.#exchange = undefined;
    this.#isAnswered = true;
    this.#state = 'discard';
    this.#held = undefined;
    this.#endIfSent();
  }

  truncate(): void {
    this.#exchange = undefined;
    this.#state = 'discard';
    this.#stream.reset(errorCode.internalError);
  }

  #startRequest(list: FieldList, isEnd: boolean): void {
    if (list.isTooLarge) return this.#refuse(431, 'head-too-large');
    const key = webSocketKeyFor(list);
    const request = requestText(list, isEnd, key);
    if (request === undefined) return this.#malformed();
    if (request === 501) return this.#refuse(501, 'protocol');
    this.#webSocketKey = key;
    this.#isGrpc = request.isGrpc;
    const { parser } = this.#home.context;
    if (scratch.length < request.text.length) {
      scratch = Buffer.allocUnsafeSlow(request.text.length);
    }
    const length = scratch.write(request.text, 'latin1');
    const after = parser.parse(scratch, 0, length);
    if (after === breached) return this.#refuse(statusOf(parser.breach), parser.breach);
    if (after !== length) return this.#malformed();
    return this.#serve(headOf(parser), isEnd);
  }

  #serve(head: RequestHead, isEnd: boolean): void {
    if (head.bodyLength >= 0) this.#left = head.bodyLength;
    if (isEnd && !this.#hasWholeBody) {
      this.#malformed();
      return;
    }
    this.#isHeadMethod = head.method === 'HEAD';
    this.#awaitsContinue = head.expectsContinue;
    // What a WebSocket brings before it is one waits.
    this.#isBodyDone = isEnd || this.#webSocketKey !== '';
    this.#state = this.#isBodyDone ? 'response' : 'body';
    const exchange = new Exchange(this.#home.context, this);
    this.#exchange = exchange;
    exchange.start(head);
  }

  #endWithTrailers(list: FieldList, isEnd: boolean): void {
    const lines = isEnd && !list.isTooLarge ? trailerLines(list) : undefined;
    if (lines === undefined || !this.#hasWholeBody) {
      this.#malformed();
      return;
    }
    if (this.#state === 'discard') return;
    const trailers = passedTrailers(lines);
    if (this.#mayPass) this.#pass(empty, 0, 0, true, trailers);
    else this.#hold(empty, 0, 0, true, trailers);
  }

  /** Nothing waits before it, and the exchange takes it. */
  get #mayPass(): boolean {
    const isOpen = this.#state === 'body' || this.#state === 'tunnel';
    return isOpen && !this.#held && this.#exchange?.takesBytes === true;
  }

  get #hasWholeBody(): boolean {
    return this.#left === 0 || this.#left === Number.POSITIVE_INFINITY;
  }

  #pass(bytes: Buffer, start: number, end: number, isEnd: boolean, trailers: string): void {
    const exchange = this.#exchange;
    if (this.#state === 'tunnel') {
      if (end > start) exchange?.tunnelClientBytes(bytes, start, end);
      if (isEnd) exchange?.tunnelClientEnded();
      return;
    }
    if (isEnd) {
      this.#isBodyDone = true;
      this.#state = 'response';
    }
    exchange?.requestBody(bytes, this.#part.set(start, end, isEnd, trailers));
  }

  #hold(bytes: Buffer, start: number, end: number, isEnd: boolean, trailers: string): void {
    const held = this.#held ?? new HeldBody(end - start);
    this.#held = held;
    held.append(bytes, start, end);
    held.isEnd = isEnd;
    held.trailers = trailers;
  }

  /** RFC 9113 §8.1.1: nothing may be made of it, and above all no request of HTTP/1.1. */
  #malformed(): void {
    const exchange = this.#exchange;
    this.#exchange = undefined;
    this.#state = 'discard';
    this.#held = undefined;
    this.#stream.reset(errorCode.protocolError);
    exchange?.clientGone();
    this.#home.countReset();
  }

  /** Answers what never became a request. */
  #refuse(status: number, reason: string): void {
    this.#state = 'discard';
    this.#isAnswered = true;
    this.sendAnswer({ status, reason }, undefined);
    this.#home.refused(status, reason);
    this.#endIfSent();
  }

  /** RFC 9113 §8.1: the rest of a body that nobody needs is called off, without blame. */
  #endIfSent(): void {
    if (this.#stream.isLocalClosed && !this.#stream.isRemoteClosed) {
      this.#stream.reset(errorCode.noError);
    }
  }

  #facts(edits: HeadEdits | undefined): AnswerFacts {
    return this.#home.answerFacts(edits);
  }

  #sendHeaders(status: number, lines: string, isEnd: boolean): void {
    const encoder = this.#stream.beginHeaders(lines.length);
    encoder.field(':status', `${status}`);
    encodeLines(encoder, lines, 0);
    this.#stream.endHeaders(isEnd);
  }
}

function headOf(parser: RequestHead): RequestHead {
  const { method, target, host, options, fields } = parser;
  const { bodyLength, expectsContinue } = parser;
  return { method, target, host, version: '2.0', bodyLength, options, expectsContinue, fields };
}

/** Only where it may be needed: random bytes cost something. */
function webSocketKeyFor({ fields }: FieldList): string {
  return fields.some(({ name }) => name === ':protocol') ? webSocketKey() : '';
}
