import type { StreamOwner, TcpStream } from '../../proxy/planes/userspace/tcp/transport.ts';
import { nobody } from '../../proxy/planes/userspace/tcp/transport.ts';
import { Deadline, type DeadlineWheel } from './deadline-wheel.ts';
import { readProxyHeader } from './proxy-header.ts';

/** What becomes of a connection whose peer has to tell who it speaks for. */
export interface ProxiedStreamOptions {
  readonly wheel: DeadlineWheel;
  /** Milliseconds that the header may take. */
  readonly withinMs: number;
  /** The header has come; what came behind it follows once the stream has an owner. */
  readonly accepted: (stream: TcpStream) => void;
  /** There was none, or not in time. The stream is closed. */
  readonly refused: () => void;
}

/** A stream that begins with a PROXY header, and whose `remoteAddress` is the one it tells. */
export class ProxiedStream implements TcpStream, StreamOwner {
  owner: StreamOwner = nobody;
  readonly #inner: TcpStream;
  readonly #options: ProxiedStreamOptions;
  readonly #deadline: Deadline;
  #source: string | undefined = undefined;
  #header: Buffer | undefined = Buffer.alloc(0);

  constructor(inner: TcpStream, options: ProxiedStreamOptions) {
    this.#inner = inner;
    this.#options = options;
    this.#deadline = new Deadline(this);
    options.wheel.set(this.#deadline, options.withinMs);
    inner.owner = this;
    inner.resume();
  }

  get remoteAddress(): string {
    return this.#source ?? this.#inner.remoteAddress;
  }

  get writing(): boolean {
    return this.#inner.writing;
  }

  resume(): void {
    this.#inner.resume();
  }

  pause(): void {
    this.#inner.pause();
  }

  write(buffer: Buffer, length: number): boolean {
    return this.#inner.write(buffer, length);
  }

  end(): void {
    this.#inner.end();
  }

  close(): void {
    this.#inner.close();
  }

  reset(): void {
    this.#inner.reset();
  }

  connected(): void {}

  received(_stream: TcpStream, buffer: Buffer, length: number): void {
    if (this.#header === undefined) {
      this.owner.received(this, buffer, length);
      return;
    }
    const bytes = Buffer.concat([this.#header, buffer.subarray(0, length)]);
    const header = readProxyHeader(bytes);
    switch (header.kind) {
      case 'incomplete':
        this.#header = bytes;
        return;
      case 'invalid':
        this.expired();
        return;
      case 'header': {
        this.#source = header.source;
        this.#header = undefined;
        this.#options.wheel.clear(this.#deadline);
        this.#options.accepted(this);
        const rest = bytes.subarray(header.length);
        if (rest.length > 0) this.owner.received(this, rest, rest.length);
      }
    }
  }

  ended(): void {
    if (this.#header === undefined) this.owner.ended(this);
    else this.expired();
  }

  drained(): void {
    this.owner.drained(this);
  }

  failed(_stream: TcpStream, code: string): void {
    if (this.#header === undefined) this.owner.failed(this, code);
    else this.expired();
  }

  /** No header in time, or none at all. */
  expired(): void {
    this.#options.wheel.clear(this.#deadline);
    this.#inner.reset();
    this.#options.refused();
  }
}
