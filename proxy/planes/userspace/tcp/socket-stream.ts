import { connect, type Socket } from 'node:net';
import type { IPFamily } from '../../../../controller/objects/index.ts';
import { keepAliveDelaySec, nobody, type StreamOwner, type TcpStream } from './transport.ts';

/** A stream over `net.Socket`: for a Node whose TCP binding is not the known one. */
export class SocketStream implements TcpStream {
  owner: StreamOwner = nobody;
  readonly #socket: Socket;
  #writing = false;
  #closed = false;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => {
      if (!this.#closed) this.owner.received(this, chunk, chunk.length);
    });
    socket.on('end', () => {
      if (!this.#closed) this.owner.ended(this);
    });
    socket.on('drain', () => {
      this.#writing = false;
      if (!this.#closed) this.owner.drained(this);
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (!this.#closed) this.owner.failed(this, error.code ?? 'EIO');
    });
    socket.pause();
  }

  static connect(
    address: string,
    port: number,
    family: IPFamily,
    owner: StreamOwner,
  ): SocketStream {
    const socket = connect({
      host: address,
      port,
      family: family === 'IPv6' ? 6 : 4,
      allowHalfOpen: true,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: keepAliveDelaySec * 1000,
    });
    const stream = new SocketStream(socket);
    stream.owner = owner;
    socket.on('connect', () => {
      if (!stream.#closed) stream.owner.connected(stream);
    });
    return stream;
  }

  get remoteAddress(): string {
    return this.#socket.remoteAddress ?? '';
  }

  get writing(): boolean {
    return this.#writing;
  }

  resume(): void {
    if (!this.#closed) this.#socket.resume();
  }

  pause(): void {
    if (!this.#closed) this.#socket.pause();
  }

  write(buffer: Buffer, length: number): boolean {
    if (this.#closed) return true;
    // A chunk from 'data' is nobody else's, but `write` promises its caller the buffer back.
    this.#writing = !this.#socket.write(Buffer.from(buffer.subarray(0, length)));
    return !this.#writing;
  }

  end(): void {
    if (!this.#closed) this.#socket.end();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    // Not `destroy`: small writes may still wait inside the socket, below the high-water mark.
    this.#socket.destroySoon();
  }

  reset(): void {
    if (this.#closed) return;
    this.#closed = true;
    // libuv refuses to reset a socket whose FIN is still on its way out (EINVAL), and Node 24 then
    // forgets to close it: the descriptor would stay open.
    if (this.#socket.writableEnded) this.#socket.destroy();
    else this.#socket.resetAndDestroy();
  }
}
