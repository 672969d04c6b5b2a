import type { StreamOwner, TcpStream } from '../../../proxy/planes/userspace/tcp/transport.ts';
import type { ResponseParser } from '../../http1/index.ts';
import { Deadline, type DeadlineWheel } from '../../transport/index.ts';
import type { UpstreamFailureReason, UpstreamUser } from '../../upstream/user.ts';
import type { UpstreamTimeouts } from '../../upstream/endpoint-connections.ts';
import { Http2Connection } from '../connection.ts';
import type { Http2Role } from '../connection-role.ts';
import { clientPreface, errorCode, errorName, settingId } from '../frames/frame-types.ts';
import type { Http2Stream } from '../stream.ts';
import type { Http2Endpoint } from './http2-endpoint.ts';
import { Http2UpstreamStream } from './upstream-stream.ts';

/** After a silence of this long a request goes together with PING: the path may have gone. */
const quietMs = 10_000;
/** Requests that one connection carries at a time, whatever the endpoint would take. */
const maxStreams = 100;
const settings: readonly (readonly [id: number, value: number])[] = [[settingId.enablePush, 0]];

/** One connection to an endpoint, with the requests of many clients on it. */
export class UpstreamConnection implements StreamOwner, Http2Role {
  readonly isServer = false;
  readonly wheel: DeadlineWheel;
  readonly timeouts: UpstreamTimeouts;
  readonly parser: ResponseParser;
  readonly scheme: 'http' | 'https';
  readonly #home: Http2Endpoint;
  readonly #tcp: TcpStream;
  readonly #http2: Http2Connection;
  readonly #deadline: Deadline;
  #state: 'connecting' | 'open' | 'leaving' | 'closed' = 'connecting';
  /** Streams for requests that wait for the connection to stand. */
  readonly #pending = new Set<Http2UpstreamStream>();
  readonly #toPause = new Set<Http2UpstreamStream>();
  /** SETTINGS have come: what the endpoint takes is known, and no request is refused for it. */
  #isReady = false;
  #isPinging = false;
  #lastReceivedMs = 0;
  #isPaused = false;
  #isReading = false;

  readonly #connectMs: number;

  constructor(home: Http2Endpoint, connectMs: number) {
    this.#connectMs = connectMs;
    this.#home = home;
    this.wheel = home.wheel;
    this.timeouts = home.timeouts;
    this.parser = home.parser;
    this.scheme = home.scheme;
    this.#deadline = new Deadline(this);
    this.#tcp = home.connect(this);
    this.#http2 = new Http2Connection(home.http2, this, this.#tcp);
    this.wheel.set(this.#deadline, connectMs);
  }

  /** Another request fits. */
  get hasRoom(): boolean {
    const mayOpen = this.#state === 'open' || this.#state === 'connecting';
    const used = this.#http2.streams.size + this.#pending.size;
    return (
      mayOpen && !this.#http2.isSpent && used < Math.min(maxStreams, this.#http2.peer.maxStreams)
    );
  }

  get isOpen(): boolean {
    return this.#state === 'open';
  }

  /** A stream on a connection that stands. */
  take(): Http2UpstreamStream {
    return new Http2UpstreamStream(this);
  }

  /** A stream that tells `user` once the connection stands. */
  wait(user: UpstreamUser): Http2UpstreamStream {
    const stream = new Http2UpstreamStream(this);
    stream.awaitedBy(user);
    this.adopt(stream);
    return stream;
  }

  /** Takes a stream that found no room on the connection that it waited for. */
  adopt(stream: Http2UpstreamStream): void {
    stream.moveTo(this);
    this.#pending.add(stream);
    if (this.#isReady) setImmediate(() => this.#connectedTo(stream));
  }

  /** For streams: opens one of HTTP/2. */
  openStream(owner: Http2UpstreamStream): Http2Stream {
    const stream = this.#http2.open();
    stream.owner = owner;
    this.#ask();
    return stream;
  }

  /** For streams: one that waited is not wanted any more. */
  forget(stream: Http2UpstreamStream): void {
    this.#pending.delete(stream);
  }

  /** For streams: `readingPaused` is to be called when all that was read is handed over. */
  pausedLater(stream: Http2UpstreamStream): void {
    if (this.#isReading) this.#toPause.add(stream);
    else stream.readingPaused();
  }

  /** Takes no more requests, and closes after the last. */
  leave(): void {
    if (this.#state === 'closed') return;
    this.#state = 'leaving';
    if (this.#http2.streams.size > 0 || this.#pending.size > 0) return;
    this.#http2.goAway(errorCode.noError, true);
    this.#http2.flush();
    this.#end();
    this.#tcp.close();
  }

  connected(): void {
    this.#http2.start(clientPreface, settings);
    this.#tcp.resume();
  }

  received(_stream: TcpStream, bytes: Buffer, length: number): void {
    this.#lastReceivedMs = this.wheel.nowMs;
    if (this.#isPinging) this.#answered();
    this.#isReading = true;
    this.#http2.received(bytes, 0, length);
    this.#isReading = false;
    for (const stream of this.#toPause) stream.readingPaused();
    this.#toPause.clear();
    this.#pauseOrResume();
  }

  ended(): void {
    this.#lose('reset', 'connection closed by the endpoint');
  }

  failed(_stream: TcpStream, code: string): void {
    if (this.#state !== 'connecting') this.#lose('reset', code);
    else if (code === 'ECONNREFUSED') this.#lose('connect-refused', code);
    else this.#lose(code === 'ETIMEDOUT' ? 'connect-timeout' : 'connect-failed', code);
  }

  drained(): void {
    this.#http2.drained();
    this.#pauseOrResume();
  }

  expired(): void {
    if (!this.#isReady) {
      this.#lose('connect-timeout', `no connection within ${this.#connectMs} ms`);
    } else if (this.#isPinging) {
      this.#lose('reset', `no answer to PING within ${this.#connectMs} ms`);
    } else {
      this.leave();
    }
  }

  settingsChanged(): void {
    if (this.#isReady || !this.#http2.isStarted) return;
    this.#isReady = true;
    if (this.#state === 'connecting') this.#state = 'open';
    this.wheel.set(this.#deadline, this.timeouts.upstreamIdleMs);
    if (this.#http2.peer.maxStreams === 0) {
      this.#lose('connect-failed', 'the endpoint takes no requests');
      return;
    }
    for (const stream of this.#pending) {
      if (this.#http2.streams.size < this.#http2.peer.maxStreams) this.#connectedTo(stream);
      else {
        this.#pending.delete(stream);
        this.#home.findRoom(stream, this.#connectMs);
      }
    }
  }

  streamOpened(): void {}

  streamClosed(): void {
    if (this.#http2.streams.size > 0) return;
    if (this.#state === 'leaving') this.leave();
    else if (!this.#isPinging) this.wheel.set(this.#deadline, this.timeouts.upstreamIdleMs);
  }

  /** RFC 9113 §6.8: what the endpoint has not looked at may be sent to another one. */
  goAwayReceived(lastStreamId: number): void {
    if (this.#state === 'open') this.#state = 'leaving';
    for (const stream of this.#http2.streams.values()) {
      if (stream.id <= lastStreamId) continue;
      const { owner } = stream;
      stream.reset(errorCode.cancel);
      owner.streamReset(errorCode.refusedStream);
    }
    if (this.#http2.streams.size === 0) this.leave();
  }

  pingAnswered(): void {}

  broken(code: number): void {
    this.#lose('invalid-response', `the endpoint broke the rules of HTTP/2: ${errorName(code)}`);
  }

  #connectedTo(stream: Http2UpstreamStream): void {
    if (this.#pending.delete(stream)) stream.connected();
  }

  /** Something is asked: there is no idling, and after a long silence the path is tried. */
  #ask(): void {
    if (this.#isPinging) return;
    this.wheel.clear(this.#deadline);
    if (this.wheel.nowMs - this.#lastReceivedMs < quietMs) return;
    this.#isPinging = true;
    this.#http2.ping();
    this.wheel.set(this.#deadline, this.#connectMs);
  }

  #answered(): void {
    this.#isPinging = false;
    this.wheel.clear(this.#deadline);
    if (this.#http2.streams.size === 0) {
      this.wheel.set(this.#deadline, this.timeouts.upstreamIdleMs);
    }
  }

  #pauseOrResume(): void {
    const pause = this.#http2.output.isBehind;
    if (pause === this.#isPaused || this.#state === 'closed') return;
    this.#isPaused = pause;
    if (pause) this.#tcp.pause();
    else this.#tcp.resume();
  }

  #lose(reason: UpstreamFailureReason, message: string): void {
    if (this.#state === 'closed') return;
    const wasConnecting = !this.#isReady;
    this.#end();
    this.#tcp.reset();
    this.#http2.lost();
    for (const stream of this.#pending) stream.failed(reason, wasConnecting, message);
    this.#pending.clear();
  }

  #end(): void {
    this.#state = 'closed';
    this.wheel.clear(this.#deadline);
    this.#home.remove(this);
  }
}
