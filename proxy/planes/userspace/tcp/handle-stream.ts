import { getSystemErrorName } from 'node:util';
import type { IPFamily } from '../../../../controller/objects/index.ts';
import { type NodeTcpBinding, type TcpHandle, uvEndOfFile } from './node-binding.ts';
import type { Slab, SlabPool } from './slab-pool.ts';
import { keepAliveDelaySec, nobody, type StreamOwner, type TcpStream } from './transport.ts';

/** What all streams of one transport share. */
export interface HandleContext {
  readonly binding: NodeTcpBinding;
  /** Every read of every stream lands here: reads are synchronous, so one is enough. */
  readonly readBuffer: Buffer;
  /** Slabs as long as `readBuffer`. */
  readonly slabs: SlabPool;
}

/** A stream over a bare libuv handle. */
export class HandleStream implements TcpStream {
  owner: StreamOwner = nobody;
  readonly #context: HandleContext;
  readonly #handle: TcpHandle;
  /** Reused until a write goes asynchronous, which takes it. */
  #writeRequest;
  #slabInFlight: Slab | undefined = undefined;
  #endAfterWrite = false;
  #shuttingDown = false;
  #connecting = false;
  #reading = false;
  #closed = false;

  constructor(context: HandleContext, handle: TcpHandle) {
    this.#context = context;
    this.#handle = handle;
    this.#writeRequest = new context.binding.WriteWrap();
    handle.stream = this;
    handle.onread = onRead;
    handle.useUserBuffer(context.readBuffer);
  }

  /** Starts connecting; a refusal by the local kernel is told as late as one by the peer. */
  static connect(
    context: HandleContext,
    address: string,
    port: number,
    family: IPFamily,
    owner: StreamOwner,
  ): HandleStream {
    const { TCP, TCPConnectWrap, constants } = context.binding;
    const handle = new TCP(constants.SOCKET);
    handle.setNoDelay(true);
    handle.setKeepAlive(true, keepAliveDelaySec);
    const stream = new HandleStream(context, handle);
    stream.owner = owner;
    stream.#connecting = true;
    const request = new TCPConnectWrap();
    request.oncomplete = (status) => stream.#connected(status);
    const status =
      family === 'IPv6'
        ? handle.connect6(request, address, port)
        : handle.connect(request, address, port);
    if (status !== 0) process.nextTick(request.oncomplete, status);
    return stream;
  }

  get remoteAddress(): string {
    const out: { address?: string } = {};
    if (this.#closed || this.#handle.getpeername(out) !== 0) return '';
    return out.address ?? '';
  }

  get writing(): boolean {
    return this.#slabInFlight !== undefined;
  }

  resume(): void {
    if (this.#closed || this.#reading) return;
    this.#reading = true;
    const status = this.#handle.readStart();
    if (status !== 0) process.nextTick(() => this.#fail(status));
  }

  pause(): void {
    if (this.#closed || !this.#reading) return;
    this.#reading = false;
    this.#handle.readStop();
  }

  write(buffer: Buffer, length: number): boolean {
    if (this.#closed) return true;
    const { slabs, binding } = this.#context;
    const slab = slabs.take();
    buffer.copy(slab.bytes, 0, 0, length);
    const request = this.#writeRequest;
    const status = this.#handle.writeBuffer(request, slab.first(length));
    if (status === 0 && binding.state[binding.lastWriteWasAsync] !== 0) {
      this.#slabInFlight = slab;
      request.oncomplete = (status) => this.#written(status);
      this.#writeRequest = new binding.WriteWrap();
      return false;
    }
    slabs.give(slab);
    if (status !== 0) this.#fail(status);
    return true;
  }

  end(): void {
    if (this.#closed || this.#shuttingDown) return;
    // Later, because a handle that is shutting down can't be reset: the state is kept short.
    if (this.#slabInFlight !== undefined) this.#endAfterWrite = true;
    else this.#shutdown();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#handle.close();
  }

  reset(): void {
    if (this.#closed) return;
    this.#closed = true;
    // libuv refuses to reset in both states, and Node takes the handle for closed all the same.
    if (this.#shuttingDown || this.#connecting) this.#handle.close();
    else this.#handle.reset();
  }

  /** For the handle's callback alone. */
  read(): void {
    if (this.#closed) return;
    const { binding, readBuffer } = this.#context;
    const status = binding.state[binding.readBytesOrError] ?? 0;
    if (status > 0) this.owner.received(this, readBuffer, status);
    else if (status === uvEndOfFile) {
      this.#reading = false;
      this.#handle.readStop();
      this.owner.ended(this);
    } else if (status < 0) this.#fail(status);
  }

  #connected(status: number): void {
    if (this.#closed) return;
    if (status !== 0) {
      this.#fail(status);
      return;
    }
    this.#connecting = false;
    this.owner.connected(this);
  }

  #written(status: number): void {
    if (this.#slabInFlight !== undefined) this.#context.slabs.give(this.#slabInFlight);
    this.#slabInFlight = undefined;
    if (this.#closed) return;
    if (status !== 0) {
      this.#fail(status);
      return;
    }
    if (this.#endAfterWrite) this.#shutdown();
    this.owner.drained(this);
  }

  #shutdown(): void {
    this.#shuttingDown = true;
    const request = new this.#context.binding.ShutdownWrap();
    // A failure means that the peer has gone, which the read side tells.
    request.oncomplete = () => {
      this.#shuttingDown = false;
    };
    if (this.#handle.shutdown(request) !== 0) this.#shuttingDown = false;
  }

  #fail(status: number): void {
    if (!this.#closed) this.owner.failed(this, getSystemErrorName(status));
  }
}

function onRead(this: TcpHandle): void {
  this.stream?.read();
}
