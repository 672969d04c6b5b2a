import type { Socket } from 'node:net';
import { type Clock } from '../../controller/base/index.ts';
import { frame, FrameReader } from '../wire/index.ts';
import type { Arrival, Responder } from './responder.ts';
import type { StreamTimeouts } from './settings.ts';

/** Beyond, the connection is not read until answers have left: the client's own kernel queues. */
const maxInFlight = 128;

/** What all connections of a listener have in common. */
export interface ConnectionParts {
  readonly responder: Responder;
  readonly clock: Clock;
  readonly timeouts: StreamTimeouts;
  readonly transport: 'tcp' | 'tls';
}

/** One client: queries in, each answered as soon as it can be, in any order (RFC 7766 §7). */
export class TcpConnection implements Disposable {
  readonly #socket: Socket;
  readonly #responder: Responder;
  readonly #clock: Clock;
  readonly #timeouts: StreamTimeouts;
  readonly #arrival: Arrival;
  #inFlight = 0;
  #asked = 0;
  /** The client, or we, will add no more queries. */
  #finishing = false;
  #blocked = false;
  #timer: Disposable;

  constructor(socket: Socket, parts: ConnectionParts, onClose: () => void) {
    const { responder, clock, timeouts, transport } = parts;
    this.#socket = socket;
    this.#responder = responder;
    this.#clock = clock;
    this.#timeouts = timeouts;
    this.#arrival = {
      transport,
      client: { address: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 },
      family: socket.remoteFamily === 'IPv6' ? 6 : 4,
      send: (octets) => this.#send(octets),
    };
    this.#timer = clock.schedule(timeouts.readMs, () => socket.destroy());
    const frames = new FrameReader((octets) => this.#receive(octets));
    socket.on('data', (chunk: Buffer) => {
      this.#restart(this.#timeouts.idleMs);
      frames.push(chunk);
    });
    socket.on('drain', () => {
      this.#blocked = false;
      this.#restart(this.#timeouts.idleMs);
      this.#flow();
    });
    socket.on('end', () => this.finish());
    // Whatever went wrong, 'close' follows, and there is nobody left to tell.
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      this.#timer[Symbol.dispose]();
      onClose();
    });
  }

  /** Answers what was asked, then closes. */
  finish(): void {
    this.#finishing = true;
    this.#flow();
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }

  #receive(octets: Buffer): void {
    if (this.#finishing) return;
    this.#asked += 1;
    if (this.#asked === this.#timeouts.maxQueries) this.#finishing = true;
    const response = this.#responder.respond(octets, this.#arrival);
    if (!(response instanceof Promise)) {
      this.#send(response);
      if (this.#finishing) this.#flow();
      return;
    }
    this.#inFlight += 1;
    this.#flow();
    const settle = (later?: Buffer): void => {
      this.#inFlight -= 1;
      this.#send(later);
      this.#flow();
    };
    // It never rejects; if it did, the query would be the only loss.
    response.then(settle, () => settle());
  }

  #send(response: Buffer | undefined): void {
    if (!response || !this.#socket.writable) return;
    if (this.#socket.write(frame(response)) || this.#blocked) return;
    this.#blocked = true;
    this.#restart(this.#timeouts.writeMs);
    this.#flow();
  }

  /** Reads on or waits, as there is room for more queries; ends when all is said. */
  #flow(): void {
    if (this.#finishing && this.#inFlight === 0) this.#socket.destroySoon();
    else if (this.#blocked || this.#inFlight >= maxInFlight) this.#socket.pause();
    else this.#socket.resume();
  }

  #restart(timeoutMs: number): void {
    this.#timer[Symbol.dispose]();
    this.#timer = this.#clock.schedule(timeoutMs, () => this.#expire());
  }

  /** Idle is who has asked nothing, not who waits for an answer. */
  #expire(): void {
    if (this.#inFlight > 0 && !this.#blocked) this.#restart(this.#timeouts.idleMs);
    else this.#socket.destroy();
  }
}
