import type { IPFamily } from '../../../../controller/objects/index.ts';

/**
 * One end of a TCP connection, reduced to what a copy loop needs. Every method is safe to call
 * after `close` or `reset`, and does nothing then; nothing is reported after them either.
 */
export interface TcpStream {
  /** The peer's address without port, as the kernel prints it; '' if it has gone already. */
  readonly remoteAddress: string;
  /** True while bytes of an earlier `write` wait for the kernel; `drained` ends it. */
  readonly writing: boolean;
  /** Who is told from now on. */
  owner: StreamOwner;
  /** Starts or continues reading. */
  resume(): void;
  /** Stops reading, so that the kernel's window fills and the sender waits. */
  pause(): void;
  /**
   * Sends the first `length` bytes of `buffer`, which is the caller's again on return. False: the
   * kernel did not take all. Then the caller writes nothing more until `drained`, which is what
   * bounds the memory of one direction to one chunk.
   */
  write(buffer: Buffer, length: number): boolean;
  /** Sends FIN behind what was written; reading goes on. */
  end(): void;
  /** Ends both directions with FIN. What still waits for the kernel is lost. */
  close(): void;
  /** Ends both directions with RST, so that the peer sees that the stream was cut. */
  reset(): void;
}

/** What a stream tells. `code` is an errno name: `ECONNREFUSED`, `ECONNRESET` … */
export interface StreamOwner {
  /** Only for streams made by `connect`. */
  connected(stream: TcpStream): void;
  /** Valid during the call alone: `buffer` belongs to the transport. */
  received(stream: TcpStream, buffer: Buffer, length: number): void;
  /** The peer sent FIN. */
  ended(stream: TcpStream): void;
  drained(stream: TcpStream): void;
  /** The connection, or the attempt at one, is broken. The stream is not closed by itself. */
  failed(stream: TcpStream, code: string): void;
}

/** A listening address. Disposing stops it at once and leaves accepted streams alone. */
export interface TcpListener extends AsyncDisposable {
  readonly port: number;
}

/** Where to listen. */
export interface ListenOptions {
  readonly host: string;
  /** An IPv6 listener never takes IPv4 too: the IPv4 twin of the Service port wants that. */
  readonly family: IPFamily;
  /** 0: any free port. */
  readonly port: number;
  /** Several processes share the address, SO_REUSEPORT. */
  readonly reusePort: boolean;
  /** Accepted streams are not read before their `resume`. */
  readonly onStream: (stream: TcpStream) => void;
  /** A connection was lost because this process may open no more files, or the like. */
  readonly onShed: (code: string) => void;
}

/** How TCP connections are made: over libuv's handles, or over `net.Socket`. */
export interface TcpTransport {
  readonly name: 'handles' | 'sockets';
  /** @throws NodeJS.ErrnoException if the address can't be had */
  listen(options: ListenOptions): Promise<TcpListener>;
  /** Tells `owner` `connected` or `failed`, never before it returns. */
  connect(address: string, port: number, family: IPFamily, owner: StreamOwner): TcpStream;
}

/**
 * Seconds of silence before the kernel probes a peer, and seconds between probes' starts: a dead
 * peer is found long before the idle timeout. Half of Linux' own 7200 s would still keep
 * descriptors of vanished laptops for an hour.
 */
export const keepAliveDelaySec = 60;

/** Pending connections per listener; the kernel clips it to `net.core.somaxconn`, 4096 on Linux. */
export const listenBacklog = 4096;

/** Bytes per read: four pages more than a full 64 KiB TCP window would only wait in the cache. */
export const readChunkBytes: number = 64 * 1024;

/** For streams that nobody owns yet. */
export const nobody: StreamOwner = {
  connected() {},
  received() {},
  ended() {},
  drained() {},
  failed() {},
};
