import type { StreamOwner, TcpStream } from '../../proxy/planes/userspace/tcp/transport.ts';
import {
  type BodyPieces,
  BodyReader,
  breached,
  chunkedBody,
  incomplete,
  untilClose,
} from '../http1/index.ts';
import { Deadline, HeldBytes, Output } from '../transport/index.ts';
import type { EndpointConnections } from './endpoint-connections.ts';
import { requestHead } from './request-head.ts';
import type { UpstreamRequest, UpstreamStream } from './stream.ts';
import type { UpstreamFailureReason, UpstreamUser } from './user.ts';

/** RFC 9110 §15.2 allows any number of 1xx responses; this many are no use to anybody. */
const maxInformational = 32;

/**
 * One connection to an endpoint: connecting, then serving one request at a time and idle between
 * them. Reads responses strictly, and is closed on everything that could make one response be
 * taken for another: surplus bytes, bytes while idle, a body that nothing delimits.
 */
export class UpstreamConnection implements StreamOwner, UpstreamStream {
  /** Wheel time at which it became idle. */
  idleSinceMs = 0;
  readonly #home: EndpointConnections;
  readonly #preface: Buffer | undefined;
  readonly #stream: TcpStream;
  readonly #output: Output;
  readonly #deadline: Deadline;
  readonly #body = new BodyReader();
  #user: UpstreamUser | undefined;
  #state: 'connecting' | 'idle' | 'head' | 'body' | 'tunnel' | 'closed' = 'connecting';
  #method = '';
  #isChunked = false;
  /** A head that waits for what comes with it. */
  #unsentHead = '';
  #held: HeldBytes | undefined = undefined;
  #served = 0;
  #informational = 0;
  /** A byte of the response to the request under way has come. */
  #hasAnswered = false;
  #isKeepable = false;
  #lastActivityMs = 0;
  /** For connecting, and then for a byte to come or go. */
  #allowedMs: number;

  /** `preface`: sent before anything else; such a connection serves one client alone. */
  constructor(
    home: EndpointConnections,
    user: UpstreamUser,
    connectMs: number,
    preface: Buffer | undefined,
  ) {
    this.#home = home;
    this.#preface = preface;
    this.#allowedMs = connectMs;
    this.#user = user;
    this.#deadline = new Deadline(this);
    this.#stream = home.connect(this, preface);
    this.#output = new Output(this.#stream);
    home.wheel.set(this.#deadline, connectMs);
  }

  get isBehind(): boolean {
    return this.#output.isBehind;
  }

  begin(user: UpstreamUser, request: UpstreamRequest): void {
    this.#user = user;
    this.#state = 'head';
    this.#method = request.method;
    this.#isChunked = request.bodyLength === chunkedBody;
    this.#unsentHead = requestHead(request);
    this.#hasAnswered = false;
    this.#isKeepable = false;
    this.#informational = 0;
    this.#allowedMs = request.readMs;
    this.#touch();
    this.#home.wheel.set(this.#deadline, request.readMs);
  }

  sendBody(bytes: Buffer, body: BodyPieces): void {
    const { composer } = this.#home;
    composer.open(this.#output);
    composer.text(this.#unsentHead);
    this.#unsentHead = '';
    composer.body(bytes, body, this.#isChunked);
    composer.close();
    this.#touch();
  }

  flush(): void {
    if (this.#unsentHead === '') return;
    const { composer } = this.#home;
    composer.open(this.#output);
    composer.text(this.#unsentHead);
    composer.close();
    this.#unsentHead = '';
  }

  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
  }

  sendTunnel(bytes: Buffer, start: number, end: number): void {
    this.#touch();
    this.#output.write(bytes, start, end);
  }

  endTunnel(): void {
    this.#stream.end();
  }

  release(requestSent: boolean): void {
    this.#user = undefined;
    if (this.#state === 'closed') return;
    if (!this.#isKeepable || !requestSent || !this.#output.isIdle || !this.#home.keep(this)) {
      this.close();
      return;
    }
    this.#served += 1;
    this.#state = 'idle';
    this.idleSinceMs = this.#home.wheel.nowMs;
    this.#home.wheel.set(this.#deadline, this.#home.timeouts.upstreamIdleMs);
  }

  close(): void {
    if (this.#end()) this.#stream.close();
  }

  reset(): void {
    if (this.#end()) this.#stream.reset();
  }

  connected(): void {
    if (this.#state !== 'connecting') return;
    this.#stream.resume();
    const preface = this.#preface;
    if (preface && !this.#home.sendsPreface) this.#output.write(preface, 0, preface.length);
    this.#user?.upstreamConnected(this);
  }

  received(_stream: TcpStream, buffer: Buffer, length: number): void {
    if (this.#state === 'idle') {
      this.close();
      return;
    }
    this.#hasAnswered = true;
    this.#touch();
    const held = this.#held;
    if (!held) {
      const used = this.#read(buffer, 0, length);
      if (used < length) this.#hold(buffer, used, length);
    } else {
      held.append(buffer, 0, length);
      held.start = this.#read(held.bytes, held.start, held.end);
      if (held.length === 0) this.#held = undefined;
    }
    this.#user?.upstreamPaused();
  }

  ended(): void {
    switch (this.#state) {
      case 'tunnel':
        this.#user?.tunnelEnded();
        return;
      case 'body':
        if (this.#body.endsWithConnection) {
          this.#body.end();
          this.#user?.upstreamBody(this, empty, this.#body);
        } else {
          this.#fail('reset', 'connection closed inside the body');
        }
        return;
      case 'idle':
        this.close();
        return;
      case 'connecting':
      case 'head':
      case 'closed':
        this.#fail('reset', 'connection closed before the response');
    }
  }

  failed(_stream: TcpStream, code: string): void {
    if (this.#state !== 'connecting') this.#fail('reset', code);
    else if (code === 'ECONNREFUSED') this.#fail('connect-refused', code);
    else this.#fail(code === 'ETIMEDOUT' ? 'connect-timeout' : 'connect-failed', code);
  }

  drained(): void {
    this.#output.drained();
    this.#touch();
    if (!this.#output.isBehind) this.#user?.upstreamDrained();
  }

  expired(): void {
    const { wheel, timeouts } = this.#home;
    if (this.#state === 'idle') {
      this.close();
      return;
    }
    if (this.#state === 'connecting') {
      this.#fail('connect-timeout', `no connection within ${this.#allowedMs} ms`);
      return;
    }
    const allowedMs = this.#state === 'tunnel' ? timeouts.tunnelMs : this.#allowedMs;
    const leftMs = this.#lastActivityMs + allowedMs - wheel.nowMs;
    if (leftMs > 0) wheel.set(this.#deadline, leftMs);
    else this.#fail('read-timeout', `no byte within ${allowedMs} ms`);
  }

  /** Something moved: the read deadline starts anew. */
  #touch(): void {
    this.#lastActivityMs = this.#home.wheel.nowMs;
  }

  /** Reads as far as it gets; what is left is the beginning of a head. */
  #read(bytes: Buffer, start: number, end: number): number {
    let position = start;
    while (position < end) {
      switch (this.#state) {
        case 'head': {
          const after = this.#readHead(bytes, position, end);
          if (after === incomplete) return position;
          position = after;
          break;
        }
        case 'body':
          position = this.#readBody(bytes, position, end);
          break;
        case 'tunnel':
          this.#user?.tunnelReceived(bytes, position, end);
          return end;
        case 'connecting':
        case 'idle':
        case 'closed':
          // What was surplus has already kept the connection from being used again.
          return end;
      }
    }
    return end;
  }

  #readHead(bytes: Buffer, position: number, end: number): number {
    const head = this.#home.parser;
    const after = head.parse(bytes, position, end);
    if (after === incomplete) return incomplete;
    if (after === breached) {
      this.#fail('invalid-response', head.breach);
      return end;
    }
    if (head.status === 101) {
      this.#state = 'tunnel';
      if (this.#user?.upstreamSwitched(this, head) !== true) {
        this.#fail('invalid-response', 'unasked-for upgrade');
      } else {
        this.#home.wheel.set(this.#deadline, this.#home.timeouts.tunnelMs);
      }
      return after;
    }
    if (head.status < 200) {
      this.#informational += 1;
      if (this.#informational > maxInformational) {
        this.#fail('invalid-response', 'too many 1xx responses');
      } else if (head.status !== 100) {
        this.#user?.upstreamInformed(head);
      }
      return after;
    }
    const length = head.bodyFor(this.#method);
    this.#isKeepable =
      head.minorVersion === 1 &&
      !head.options.close &&
      length !== untilClose &&
      this.#preface === undefined;
    this.#body.begin(length);
    this.#state = 'body';
    if (this.#body.done && after < end) this.#isKeepable = false;
    this.#user?.upstreamHead(this, head, length);
    if (this.#body.done) this.#user?.upstreamBody(this, empty, this.#body);
    return after;
  }

  #readBody(bytes: Buffer, position: number, end: number): number {
    const after = this.#body.read(bytes, position, end);
    if (after === breached) {
      this.#fail('invalid-response', this.#body.breach);
      return end;
    }
    // Never another response: nothing asked for one.
    if (this.#body.done && after < end) this.#isKeepable = false;
    this.#user?.upstreamBody(this, bytes, this.#body);
    return after;
  }

  #hold(bytes: Buffer, start: number, end: number): void {
    if (this.#state === 'closed') return;
    this.#held = new HeldBytes(end - start);
    this.#held.append(bytes, start, end);
  }

  #fail(reason: UpstreamFailureReason, message: string): void {
    const unsent = this.#state === 'connecting';
    const stale = this.#served > 0 && !this.#hasAnswered && reason === 'reset';
    const user = this.#user;
    this.reset();
    const status = reason.endsWith('-timeout') ? 504 : 502;
    user?.upstreamFailed(this, { reason, status, unsent, stale, message });
  }

  #end(): boolean {
    if (this.#state === 'closed') return false;
    this.#home.forget(this);
    this.#home.wheel.clear(this.#deadline);
    this.#state = 'closed';
    this.#user = undefined;
    this.#held = undefined;
    return true;
  }
}

const empty = Buffer.alloc(0);
