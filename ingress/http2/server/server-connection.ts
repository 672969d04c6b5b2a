import type { StreamOwner, TcpStream } from '../../../proxy/planes/userspace/tcp/transport.ts';
import type { AnswerFacts } from '../../engines/wire/client-head.ts';
import type { HeadEdits } from '../../engines/wire/client-stream.ts';
import type { Arrival, WireContext } from '../../engines/wire/context.ts';
import { Deadline } from '../../transport/index.ts';
import { Http2Connection, maxPeerStreams } from '../connection.ts';
import type { Http2Role } from '../connection-role.ts';
import { clientPreface, errorCode, errorName, settingId } from '../frames/frame-types.ts';
import type { Http2Stream } from '../stream.ts';
import { ServerStream } from './server-stream.ts';

/** What a connection needs of the listener it came through. */
export interface ServerConnectionHome {
  readonly context: WireContext;
  readonly arrival: Arrival;
  /** Called once, when nothing more will come. */
  closed(connection: ServerConnection): void;
}

const settings: readonly (readonly [id: number, value: number])[] = [
  [settingId.maxConcurrentStreams, maxPeerStreams],
  // RFC 8441: WebSocket over a stream.
  [settingId.enableConnectProtocol, 1],
];
const noPreface = Buffer.alloc(0);

/**
 * What the deadline of a connection stands for.
 * - `start`: the preface, SETTINGS, and the answer to ours.
 * - `idle`: no stream is open.
 * - `busy`: streams are open; from time to time those that do not move are ended.
 * - `closing`: GOAWAY is out, and so is our FIN once everything is sent.
 */
type Phase = 'start' | 'idle' | 'busy' | 'closing' | 'closed';

/** A client connection of HTTP/2, by ALPN or by prior knowledge. */
export class ServerConnection implements StreamOwner, Http2Role {
  readonly isServer = true;
  readonly context: WireContext;
  readonly #home: ServerConnectionHome;
  readonly #tcp: TcpStream;
  readonly #http2: Http2Connection;
  readonly #deadline: Deadline;
  #phase: Phase = 'start';
  /** For the header block that is open, whatever else goes on; made when one comes in parts. */
  #blockDeadline: Deadline | undefined = undefined;
  /** The stream that it is for; 0: none. */
  #limitedBlock = 0;
  /** Bytes of the client's preface that have come. */
  #prefaceBytes = 0;
  #isReading = false;
  /** The client's FIN has come. */
  #hasEnded = false;
  #isPaused = false;
  /** GOAWAY has been said, by one of us. */
  #isLeaving = false;
  /** No request can come any more: the last response ends the connection. */
  #mayLeave = false;
  readonly #toFlush = new Set<ServerStream>();
  #peer: string | undefined = undefined;
  #sentMs = 0;

  constructor(home: ServerConnectionHome, tcp: TcpStream) {
    this.#home = home;
    this.context = home.context;
    this.#tcp = tcp;
    this.#http2 = new Http2Connection(home.context.http2, this, tcp);
    this.#deadline = new Deadline(this);
    tcp.owner = this;
    this.context.wheel.set(this.#deadline, this.context.timeouts.headMs);
    this.#http2.start(noPreface, settings);
    if (this.context.isDraining()) this.closeIfIdle();
    tcp.resume();
  }

  get arrival(): Arrival {
    return this.#home.arrival;
  }

  /** The peer's address, as the kernel has it. */
  get peer(): string {
    this.#peer ??= this.#tcp.remoteAddress;
    return this.#peer;
  }

  /** For streams: what each response has. */
  answerFacts(edits: HeadEdits | undefined): AnswerFacts {
    const hsts = this.arrival.scheme === 'https' ? this.context.hsts : '';
    return { date: this.context.date.line(), hsts, edits };
  }

  /** For streams: what responses of 1xx have. */
  get informationalFacts(): AnswerFacts {
    return { date: '', hsts: '', edits: undefined };
  }

  /** For streams: whether what is being read now may bring something to go with a head. */
  flushLater(stream: ServerStream): boolean {
    if (this.#isReading) this.#toFlush.add(stream);
    return this.#isReading;
  }

  /** For streams: one was malformed, and has been reset. */
  countReset(): void {
    this.#http2.countReset();
  }

  /** For streams: a request was refused before it became one. */
  refused(status: number, reason: string): void {
    const { metrics, log, accessLog } = this.context;
    metrics.requestEnded(undefined, '', status, 0);
    if (accessLog) log.info({ client: this.peer, status, reason }, 'request');
  }

  /** Takes what somebody else has read of it already. */
  receivedBefore(bytes: Buffer, start: number, end: number): void {
    this.#received(bytes, start, end);
  }

  received(_stream: TcpStream, bytes: Buffer, length: number): void {
    this.#received(bytes, 0, length);
  }

  ended(): void {
    this.#hasEnded = true;
    if (this.#phase === 'busy') this.#leaveSoon();
    else this.#close();
  }

  failed(): void {
    this.#abort();
  }

  drained(): void {
    this.#sentMs = this.context.wheel.nowMs;
    this.#http2.drained();
    this.#pauseOrResume();
    if (this.#phase === 'closing') this.#closeWhenSent();
  }

  connected(): void {}

  expired(): void {
    switch (this.#phase) {
      case 'start':
        this.#http2.broken(errorCode.settingsTimeout);
        return;
      case 'idle':
        // A request is on its way: the block has a deadline of its own.
        if (this.#http2.openBlock !== 0) {
          this.context.wheel.set(this.#deadline, this.context.timeouts.headMs);
          return;
        }
        this.#http2.goAway(
          this.#http2.isSettled ? errorCode.noError : errorCode.settingsTimeout,
          true,
        );
        this.#leave();
        return;
      case 'busy':
        this.#endStalled();
        return;
      case 'closing':
      case 'closed':
        this.#abort();
    }
  }

  /** Says that no more streams are taken; ends with the last one that is open. */
  closeIfIdle(): void {
    if (this.#isLeaving || this.#phase === 'closed') return;
    this.#isLeaving = true;
    // RFC 9113 §6.8: the client may have sent more, which a round trip will tell.
    this.#http2.goAway(errorCode.noError, false);
    this.#http2.ping();
    if (this.#phase === 'idle') this.#hurry();
  }

  /** Ends it at once, whatever is under way. */
  cut(): void {
    this.#abort();
  }

  settingsChanged(): void {
    if (this.#phase === 'start' && this.#http2.isSettled) this.#enter('idle');
  }

  streamOpened(stream: Http2Stream): void {
    stream.owner = new ServerStream(this, stream);
    if (this.#phase !== 'busy' && this.#phase !== 'closing') this.#enter('busy');
  }

  streamClosed(): void {
    if (this.#http2.streams.size > 0 || this.#phase !== 'busy') return;
    this.#enter('idle');
    if (this.#mayLeave) this.#leave();
    else if (this.#isLeaving) this.#hurry();
  }

  goAwayReceived(): void {
    this.#leaveSoon();
  }

  /** Whatever the client sent before it knew of our GOAWAY has come. */
  pingAnswered(): void {
    if (!this.#isLeaving) return;
    this.#http2.goAway(errorCode.noError, true);
    this.#leaveSoon();
  }

  broken(code: number): void {
    const { metrics, log } = this.context;
    metrics.http2Failed(errorName(code));
    log.info({ client: this.peer, code: errorName(code) }, 'HTTP/2 connection ended');
    this.#leave();
  }

  #received(bytes: Buffer, start: number, end: number): void {
    if (this.#phase === 'closing' || this.#phase === 'closed') return;
    const from = this.#readPreface(bytes, start, end);
    if (from < 0) {
      this.#http2.broken(errorCode.protocolError);
      return;
    }
    this.#isReading = true;
    this.#http2.received(bytes, from, end);
    this.#isReading = false;
    for (const stream of this.#toFlush) stream.flushRequest();
    this.#toFlush.clear();
    this.#pauseOrResume();
    this.#limitBlock();
  }

  /** While a header block is open nothing else may come, so it must not take its time. */
  #limitBlock(): void {
    const block = this.#http2.openBlock;
    if (block === this.#limitedBlock || this.#phase === 'closed') return;
    this.#limitedBlock = block;
    const { wheel, timeouts } = this.context;
    if (block === 0) {
      if (this.#blockDeadline) wheel.clear(this.#blockDeadline);
      return;
    }
    this.#blockDeadline ??= new Deadline({
      expired: () => this.#http2.broken(errorCode.enhanceYourCalm),
    });
    wheel.set(this.#blockDeadline, timeouts.headMs);
  }

  /** The position behind the preface; -1 where it is none. */
  #readPreface(bytes: Buffer, start: number, end: number): number {
    let position = start;
    while (this.#prefaceBytes < clientPreface.length && position < end) {
      if (bytes[position] !== clientPreface[this.#prefaceBytes]) return -1;
      this.#prefaceBytes += 1;
      position += 1;
    }
    return position;
  }

  /** A client that takes no answers gets to ask no questions: that bounds what waits for it. */
  #pauseOrResume(): void {
    const pause = this.#http2.output.isBehind;
    if (pause === this.#isPaused || this.#phase === 'closed') return;
    this.#isPaused = pause;
    if (pause) this.#tcp.pause();
    else this.#tcp.resume();
  }

  #enter(phase: 'idle' | 'busy'): void {
    this.#phase = phase;
    const { wheel, timeouts } = this.context;
    switch (phase) {
      case 'idle':
        wheel.set(this.#deadline, timeouts.keepAliveMs);
        return;
      case 'busy':
        this.#sentMs = wheel.nowMs;
        wheel.set(this.#deadline, timeouts.readMs);
    }
  }

  /** Resets streams whose window stays shut, and cuts the connection if it takes nothing at all. */
  #endStalled(): void {
    const { wheel, timeouts } = this.context;
    const limitMs = wheel.nowMs - timeouts.readMs;
    if (!this.#http2.output.isIdle && this.#sentMs <= limitMs) {
      this.#abort();
      return;
    }
    for (const stream of this.#http2.streams.values()) {
      if (!stream.hasQueue || stream.lastActivityMs > limitMs) continue;
      const { owner } = stream;
      stream.reset(errorCode.cancel);
      owner.streamReset(errorCode.cancel);
    }
    if (this.#phase === 'busy') wheel.set(this.#deadline, timeouts.readMs);
  }

  #leaveSoon(): void {
    this.#isLeaving = true;
    this.#mayLeave = true;
    if (this.#http2.streams.size === 0) this.#leave();
  }

  /** An idle connection that is to go waits no longer than for a round trip. */
  #hurry(): void {
    this.context.wheel.set(this.#deadline, this.context.timeouts.lingerMs);
  }

  /** GOAWAY is said: the rest is to let it arrive. */
  #leave(): void {
    if (this.#phase === 'closing' || this.#phase === 'closed') return;
    this.#phase = 'closing';
    this.context.wheel.set(this.#deadline, this.context.timeouts.lingerMs);
    this.#http2.flush();
    this.#closeWhenSent();
  }

  /** With FIN first: a reset, for bytes still coming, would overtake GOAWAY. */
  #closeWhenSent(): void {
    if (!this.#http2.output.isIdle) return;
    if (this.#hasEnded) this.#close();
    else this.#tcp.end();
  }

  #close(): void {
    if (this.#end()) this.#tcp.close();
  }

  #abort(): void {
    if (this.#end()) this.#tcp.reset();
  }

  #end(): boolean {
    if (this.#phase === 'closed') return false;
    this.#phase = 'closed';
    this.context.wheel.clear(this.#deadline);
    if (this.#blockDeadline) this.context.wheel.clear(this.#blockDeadline);
    this.#http2.lost();
    this.#home.closed(this);
    return true;
  }
}
