import type { Clock, Log } from '../../../../controller/base/index.ts';
import type { IPFamily } from '../../../../controller/objects/index.ts';
import type { Choice, EndpointPool } from '../endpoint-pool.ts';
import type { UserspaceTimeouts } from '../options.ts';
import type { PortMetrics, RejectReason } from '../port-metrics.ts';
import type { EndpointScope } from '../source-policy.ts';
import { type DialOwner, TcpDial } from './dial.ts';
import type { StreamOwner, TcpStream, TcpTransport } from './transport.ts';

/** What a session needs of the Service port that it belongs to. */
export interface TcpSessionHost {
  /** `ServicePort.key`, for the log. */
  readonly key: string;
  readonly family: IPFamily;
  readonly pool: EndpointPool;
  readonly transport: TcpTransport;
  readonly clock: Clock;
  readonly timeouts: UserspaceTimeouts;
  readonly metrics: PortMetrics;
  readonly log: Log;
  /** Called once per session, after both streams are closed or on their way to it. */
  closed(session: TcpSession): void;
}

/**
 * One client connection joined to one endpoint: bytes, FIN and RST pass both ways. At most one
 * chunk per direction is held; a stream whose peer is behind is not read. Life:
 * `start` → dialling (the client is accepted but not read) → copying → closed.
 */
export class TcpSession implements StreamOwner, DialOwner {
  readonly #host: TcpSessionHost;
  readonly #client: TcpStream;
  #dial: TcpDial | undefined = undefined;
  #upstream: TcpStream | undefined = undefined;
  #choice: Choice | undefined = undefined;
  #clientEnded = false;
  #upstreamEnded = false;
  #closed = false;
  /** Counted here and carried to the meter by `sweep`: the copy loop stays two additions. */
  #fromClientBytes = 0;
  #toClientBytes = 0;
  #quietSinceMs: number;

  constructor(host: TcpSessionHost, client: TcpStream) {
    this.#host = host;
    this.#client = client;
    this.#quietSinceMs = host.clock.nowMs();
    client.owner = this;
  }

  /** The endpoint that serves it, once one answered. */
  get endpointId(): string | undefined {
    return this.#choice?.target.id;
  }

  start(scope: EndpointScope, clientIP: string): void {
    this.#dial = new TcpDial(this.#host, this, scope, clientIP);
    this.#dial.start();
  }

  dialled(upstream: TcpStream, choice: Choice): void {
    this.#dial = undefined;
    this.#upstream = upstream;
    this.#choice = choice;
    upstream.owner = this;
    this.#client.resume();
    upstream.resume();
  }

  undialled(cause: RejectReason): void {
    this.#dial = undefined;
    this.#host.metrics.rejected(cause);
    this.abort();
  }

  received(from: TcpStream, buffer: Buffer, length: number): void {
    if (from === this.#client) this.#fromClientBytes += length;
    else this.#toClientBytes += length;
    const to = this.#other(from);
    if (to && !to.write(buffer, length)) from.pause();
  }

  drained(stream: TcpStream): void {
    if (this.#clientEnded && this.#upstreamEnded) this.#closeIfDone();
    else this.#other(stream)?.resume();
  }

  ended(stream: TcpStream): void {
    if (stream === this.#client) this.#clientEnded = true;
    else this.#upstreamEnded = true;
    // The second FIN is sent by closing, which spares its own system call and turn of the loop.
    if (this.#clientEnded && this.#upstreamEnded) this.#closeIfDone();
    else this.#other(stream)?.end();
  }

  failed(): void {
    this.abort();
  }

  connected(): void {}

  /** Cuts both sides with RST, so that neither takes what it has for all there is. */
  abort(): void {
    this.#dial?.cancel();
    this.#client.reset();
    this.#upstream?.reset();
    this.#finish();
  }

  /**
   * Carries byte counts to the meter and ends the session if it was quiet for too long. The
   * timeout is exact to the interval between sweeps.
   */
  sweep(nowMs: number): void {
    if (this.#dial) return;
    if (this.#fromClientBytes + this.#toClientBytes > 0) {
      this.#quietSinceMs = nowMs;
      this.#countBytes();
      return;
    }
    const { tcpIdleMs, tcpHalfClosedMs } = this.#host.timeouts;
    const halfClosed = this.#clientEnded || this.#upstreamEnded;
    if (nowMs - this.#quietSinceMs >= (halfClosed ? tcpHalfClosedMs : tcpIdleMs)) this.abort();
  }

  #other(stream: TcpStream): TcpStream | undefined {
    return stream === this.#client ? this.#upstream : this.#client;
  }

  #closeIfDone(): void {
    if (this.#client.writing || this.#upstream?.writing) return;
    this.#client.close();
    this.#upstream?.close();
    this.#finish();
  }

  #finish(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#countBytes();
    if (this.#choice) this.#host.pool.ended(this.#choice);
    this.#host.closed(this);
  }

  #countBytes(): void {
    this.#host.metrics.moved(this.#fromClientBytes, this.#toClientBytes);
    this.#fromClientBytes = 0;
    this.#toClientBytes = 0;
  }
}
