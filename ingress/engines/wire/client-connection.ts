import type { StreamOwner, TcpStream } from '../../../proxy/planes/userspace/tcp/transport.ts';
import type { OwnAnswer } from '../../filters/index.ts';
import {
  type BodyLength,
  type BodyPieces,
  BodyReader,
  type Breach,
  breached,
  incomplete,
  type ResponseHead,
  statusOf,
} from '../../http1/index.ts';
import { Deadline, HeldBytes, Output } from '../../transport/index.ts';
import type { ClientStream, HeadEdits } from './client-stream.ts';
import type { Arrival, WireContext } from './context.ts';
import { Exchange } from './exchange.ts';
import { ResponseWriter } from './response-writer.ts';

/** What a connection needs of the listener it came through. */
export interface ConnectionHome {
  readonly context: WireContext;
  readonly arrival: Arrival;
  /** Called once, when nothing more will come. */
  closed(connection: ClientConnection): void;
  /** It is one of HTTP/2: `bytes` are the first that came. Instead of `closed`. */
  speaksHttp2(
    connection: ClientConnection,
    stream: TcpStream,
    bytes: Buffer,
    start: number,
    end: number,
  ): void;
}

/**
 * - `head`: between requests, or within a head.
 * - `body`: the request's body is passed on, as its exchange takes it.
 * - `response`: the request is read; the answer is awaited or under way.
 * - `discard`: answered, while the body was still coming: it is read and dropped.
 * - `linger`: the last answer is out, and so is our FIN; what comes is dropped.
 * - `closing`: the last answer is on its way out.
 */
type State = 'head' | 'body' | 'response' | 'discard' | 'linger' | 'closing' | 'tunnel' | 'closed';

/** A client that sent FIN may have gone or be listening still: the answer may take this long. */
const halfClosedMs = 1_000;
const lineFeed = 0x0a;

/** A client connection of HTTP/1, over plain TCP or TLS: one request after the other, in order. */
export class ClientConnection implements StreamOwner, ClientStream {
  readonly #stream: TcpStream;
  readonly #output: Output;
  /** Of the request under way. */
  readonly #body: BodyReader = new BodyReader();
  readonly #writer: ResponseWriter;
  readonly #home: ConnectionHome;
  readonly #context: WireContext;
  readonly #deadline: Deadline;
  #state: State = 'head';
  #exchange: Exchange | undefined = undefined;
  #held: HeldBytes | undefined = undefined;
  #isPaused = false;
  #isConsuming = false;
  #headTimed = false;
  #halfClosed = false;
  #requests = 0;
  /** Bytes still to be dropped for the client's sake. */
  #dropLeft = 0;
  #peer: string | undefined = undefined;

  constructor(home: ConnectionHome, stream: TcpStream) {
    this.#home = home;
    this.#context = home.context;
    this.#stream = stream;
    this.#output = new Output(stream);
    this.#writer = new ResponseWriter(home.context, this.#output, home.arrival.scheme);
    this.#deadline = new Deadline(this);
    stream.owner = this;
    this.#context.wheel.set(this.#deadline, this.#context.timeouts.keepAliveMs);
    stream.resume();
  }

  get arrival(): Arrival {
    return this.#home.arrival;
  }

  get peer(): string {
    this.#peer ??= this.#stream.remoteAddress;
    return this.#peer;
  }

  get isBodyDone(): boolean {
    return this.#body.done;
  }

  get isBehind(): boolean {
    return this.#output.isBehind;
  }

  sendContinue(): void {
    this.#writer.sendContinue();
  }

  sendInformational(head: ResponseHead): void {
    this.#writer.sendInformational(head);
  }

  sendHead(head: ResponseHead, length: BodyLength, edits: HeadEdits | undefined): void {
    this.#writer.sendHead(head, length, edits, this.#isLast);
  }

  sendBody(bytes: Buffer, body: BodyPieces): void {
    this.#writer.sendBody(bytes, body);
  }

  sendAnswer(answer: OwnAnswer, edits: HeadEdits | undefined): void {
    // A body that we never asked for may or may not follow: the next bytes mean nothing.
    const unasked = this.#writer.awaitsContinue && !this.#body.done;
    this.#writer.sendAnswer(answer, edits, unasked || this.#isLast);
  }

  flush(): void {
    this.#writer.flush();
  }

  switchProtocol(head: ResponseHead): void {
    this.#writer.sendSwitch(head);
    this.#context.wheel.clear(this.#deadline);
    this.#state = 'tunnel';
    if (!this.#isConsuming) this.#consumeHeld();
  }

  sendTunnel(bytes: Buffer, start: number, end: number): void {
    this.#output.write(bytes, start, end);
  }

  endTunnel(): void {
    this.#stream.end();
  }

  received(_stream: TcpStream, buffer: Buffer, length: number): void {
    const held = this.#held;
    if (!held) {
      const used = this.#consume(buffer, 0, length);
      if (used < length) this.#hold(buffer, used, length);
      return;
    }
    held.append(buffer, 0, length);
    // Within a head only a line's end can bring anything new, so that a head that comes byte by
    // byte is not read again for each.
    const isWorthwhile =
      this.#state !== 'head' ||
      held.length > this.#context.limits.headBytes ||
      buffer.subarray(0, length).includes(lineFeed);
    if (isWorthwhile) this.#consumeHeld();
  }

  ended(): void {
    switch (this.#state) {
      case 'tunnel':
        this.#exchange?.tunnelClientEnded();
        return;
      case 'response':
        this.#halfClosed = true;
        this.#context.wheel.set(this.#deadline, halfClosedMs);
        return;
      case 'closing':
        return;
      case 'head':
        if (this.#output.isIdle) this.close();
        else this.#finish();
        return;
      case 'linger':
        this.close();
        return;
      // Half a request is worth nothing.
      case 'body':
      case 'discard':
      case 'closed':
        this.#abort();
    }
  }

  failed(): void {
    this.#abort();
  }

  drained(): void {
    this.#output.drained();
    if (this.#state === 'closing') this.#closeWhenSent();
    else if (this.#state === 'linger' && this.#output.isIdle) this.#stream.end();
    else if (!this.#output.isBehind) this.#exchange?.clientDrained();
  }

  connected(): void {}

  expired(): void {
    switch (this.#state) {
      case 'head':
        if (this.#headTimed) this.#refuse(408, 'head-too-slow');
        else this.close();
        return;
      case 'response':
        // FIN came, and then no answer for the client: as nginx has it, it is gone.
        if (this.#exchange?.hasBegunResponse === false) this.#abort();
        return;
      case 'linger':
      case 'discard':
        this.close();
        return;
      case 'body':
      case 'closing':
      case 'tunnel':
      case 'closed':
        this.#abort();
    }
  }

  /** Closes it if it is between two requests. */
  closeIfIdle(): void {
    if (this.#state === 'head' && !this.#headTimed && this.#output.isIdle) this.close();
  }

  /** Ends it at once, whatever is under way. */
  cut(): void {
    this.#abort();
  }

  close(): void {
    if (this.#end()) this.#stream.close();
  }

  bodyWanted(): void {
    // Otherwise what is being read now goes on to the body by itself.
    if (this.#isConsuming) return;
    this.#consumeHeld();
    this.#exchange?.flushRequest();
  }

  tunnelHalfClosed(): void {
    this.#context.wheel.set(this.#deadline, this.#context.timeouts.lingerMs);
  }

  done(): void {
    this.#exchange = undefined;
    if (this.#state === 'closed') return;
    if (this.#state === 'tunnel') {
      this.#closeInTime();
      return;
    }
    const { wheel, timeouts, limits } = this.#context;
    if (this.#writer.isLast || this.#halfClosed) {
      this.#finish();
    } else if (this.#body.done) {
      this.#state = 'head';
      this.#headTimed = false;
      wheel.set(this.#deadline, timeouts.keepAliveMs);
    } else {
      this.#state = 'discard';
      this.#dropLeft = limits.lingerBytes;
      wheel.set(this.#deadline, timeouts.lingerMs);
    }
    if (!this.#isConsuming) this.#consumeHeld();
  }

  truncate(): void {
    this.#exchange = undefined;
    if (this.#state === 'closed') return;
    // A response that ends with the connection would seem whole after a FIN.
    if (this.#writer.endsWithConnection) this.#abort();
    else this.#closeInTime();
  }

  /** Ends it once what was sent is out, if it is not too much to wait for. */
  #closeInTime(): void {
    if (this.#output.isBehind) {
      this.#abort();
      return;
    }
    this.#state = 'closing';
    this.#context.wheel.set(this.#deadline, this.#context.timeouts.readMs);
    this.#closeWhenSent();
  }

  /** Reads as far as it can; what is left waits in `#held`. */
  #consume(bytes: Buffer, start: number, end: number): number {
    this.#isConsuming = true;
    let position = start;
    while (position < end) {
      const after = this.#step(bytes, position, end);
      if (after === position) break;
      position = after;
    }
    this.#isConsuming = false;
    this.#exchange?.flushRequest();
    return position;
  }

  /** Reads one thing; the same position: nothing can be done with the rest now. */
  #step(bytes: Buffer, position: number, end: number): number {
    switch (this.#state) {
      case 'head':
        return this.#readHead(bytes, position, end);
      case 'body':
        return this.#readBody(bytes, position, end);
      case 'response':
        return position;
      case 'discard':
        return this.#discard(bytes, position, end);
      case 'tunnel':
        if (this.#exchange?.takesBytes === false) return position;
        this.#exchange?.tunnelClientBytes(bytes, position, end);
        return end;
      case 'linger':
        this.#dropLeft -= end - position;
        if (this.#dropLeft < 0) this.close();
        return end;
      case 'closing':
      case 'closed':
        return end;
    }
  }

  #readHead(bytes: Buffer, position: number, end: number): number {
    const { parser, wheel, timeouts } = this.#context;
    const after = parser.parse(bytes, position, end);
    if (after === incomplete) {
      if (!this.#headTimed) wheel.set(this.#deadline, timeouts.headMs);
      this.#headTimed = true;
      return position;
    }
    if (after === breached) {
      if (this.#requests === 0 && isHttp2(bytes, position, end)) {
        this.#handOver(bytes, position, end);
      } else {
        this.#refuseBreach(parser.breach);
      }
      return end;
    }
    wheel.clear(this.#deadline);
    this.#requests += 1;
    this.#writer.begin(parser);
    this.#body.begin(parser.bodyLength);
    this.#state = this.#body.done ? 'response' : 'body';
    const exchange = new Exchange(this.#context, this);
    this.#exchange = exchange;
    exchange.start(parser);
    return after;
  }

  #readBody(bytes: Buffer, position: number, end: number): number {
    const exchange = this.#exchange;
    if (exchange?.takesBytes !== true) return position;
    const after = this.#body.read(bytes, position, end);
    if (after === breached) {
      this.#state = 'closing';
      exchange.bodyBroken(statusOf(this.#body.breach));
      return end;
    }
    if (this.#body.done) this.#state = 'response';
    exchange.requestBody(bytes, this.#body);
    return after;
  }

  #discard(bytes: Buffer, position: number, end: number): number {
    const after = this.#body.read(bytes, position, end);
    this.#dropLeft -= end - position;
    if (after === breached || this.#dropLeft < 0) {
      this.close();
      return end;
    }
    if (this.#body.done) {
      this.#state = 'head';
      this.#headTimed = false;
      this.#context.wheel.set(this.#deadline, this.#context.timeouts.keepAliveMs);
    }
    return after;
  }

  #consumeHeld(): void {
    const held = this.#held;
    if (held) {
      held.start = this.#consume(held.bytes, held.start, held.end);
      if (held.length === 0) this.#held = undefined;
    }
    this.#pauseOrResume();
  }

  #hold(bytes: Buffer, start: number, end: number): void {
    if (this.#state === 'closed') return;
    this.#held = new HeldBytes(end - start);
    this.#held.append(bytes, start, end);
    this.#pauseOrResume();
  }

  /** Reading stops while there is something that cannot be used yet, unless it is half a head. */
  #pauseOrResume(): void {
    const pause = this.#held !== undefined && this.#state !== 'head' && this.#state !== 'closed';
    if (pause === this.#isPaused) return;
    this.#isPaused = pause;
    if (pause) this.#stream.pause();
    else this.#stream.resume();
  }

  /** The client knew before that we speak HTTP/2: somebody else goes on with the stream. */
  #handOver(bytes: Buffer, start: number, end: number): void {
    this.#context.wheel.clear(this.#deadline);
    this.#state = 'closed';
    this.#held = undefined;
    this.#home.speaksHttp2(this, this.#stream, bytes, start, end);
  }

  #refuseBreach(breach: Breach): void {
    this.#refuse(statusOf(breach), breach);
  }

  /** Answers what never became a request. */
  #refuse(status: number, reason: string): void {
    const { metrics, log, accessLog } = this.#context;
    this.#writer.sendAnswer({ status, reason }, undefined, true);
    metrics.requestEnded(undefined, '', status, 0);
    if (accessLog) log.info({ client: this.peer, status, reason }, 'request');
    this.#linger();
  }

  /** The response under way is the last: asked when its head is written. */
  get #isLast(): boolean {
    const { requestsPerConnection } = this.#context.limits;
    const spent = requestsPerConnection > 0 && this.#requests >= requestsPerConnection;
    return spent || this.#halfClosed || this.#context.isDraining();
  }

  /** After the last answer. */
  #finish(): void {
    const isQuiet = this.#body.done && this.#held === undefined;
    if (!isQuiet && !this.#halfClosed) {
      this.#linger();
      return;
    }
    this.#state = 'closing';
    if (!this.#output.isIdle) {
      this.#context.wheel.set(this.#deadline, this.#context.timeouts.readMs);
    }
    this.#closeWhenSent();
  }

  /** RFC 9112 §9.6: bytes that come after a close would make a reset, which overtakes the answer. */
  #linger(): void {
    const { wheel, timeouts, limits } = this.#context;
    this.#state = 'linger';
    this.#dropLeft = limits.lingerBytes;
    wheel.set(this.#deadline, timeouts.lingerMs);
    if (this.#output.isIdle) this.#stream.end();
  }

  #closeWhenSent(): void {
    if (this.#output.isIdle) this.close();
  }

  #abort(): void {
    const exchange = this.#exchange;
    if (!this.#end()) return;
    this.#stream.reset();
    exchange?.clientGone();
  }

  #end(): boolean {
    if (this.#state === 'closed') return false;
    this.#context.wheel.clear(this.#deadline);
    this.#state = 'closed';
    this.#held = undefined;
    this.#exchange = undefined;
    this.#home.closed(this);
    return true;
  }
}

/** RFC 9113 §3.4: no request of HTTP/1 that makes sense begins like this. */
function isHttp2(bytes: Buffer, start: number, end: number): boolean {
  const line = 'PRI * HTTP/2.0\r\n';
  return (
    end - start >= line.length && bytes.toString('latin1', start, start + line.length) === line
  );
}
