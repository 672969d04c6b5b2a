import { getSystemErrorName } from 'node:util';
import { type TcpHandle, uvEndOfFile } from '../../proxy/planes/userspace/tcp/node-binding.ts';
import type { StreamOwner, TcpStream } from '../../proxy/planes/userspace/tcp/transport.ts';
import type { NodeTlsBinding, TlsHandle } from './tls-binding.ts';

/** What all TLS streams of a listener share. */
export interface TlsStreamContext {
  readonly binding: NodeTlsBinding;
  /** Every read of every stream lands here. */
  readonly readBuffer: Buffer;
  /** Protocols offered by ALPN, in wire format. */
  readonly alpn: Buffer;
  /** The native context for clients without SNI. */
  readonly defaultContext: object;
  /** The native context for a name; undefined: the default one. */
  contextFor(serverName: string): object | undefined;
}

/** What is known of a connection before TLS begins. */
export interface TlsBeginning {
  /** Read already. */
  readonly bytes: Buffer;
  /** The client's address, where the peer speaks for somebody else. */
  readonly source: string | undefined;
  /** The native context to end TLS with, and to check the client's certificate by. */
  readonly askingContext: object | undefined;
}

/** Who waits for a handshake. One of the two is called, once. */
export interface HandshakeOwner {
  secured(stream: TlsHandleStream): void;
  handshakeFailed(stream: TlsHandleStream): void;
}

/** The server's end of a TLS connection over a bare handle. */
export class TlsHandleStream implements TcpStream {
  owner: StreamOwner;
  readonly #context: TlsStreamContext;
  readonly #tcp: TcpHandle;
  readonly #tls: TlsHandle;
  #handshake: HandshakeOwner | undefined;
  #isWriting = false;
  #isReading = false;
  #isEnded = false;
  #endAfterWrite = false;
  #isClosed = false;
  readonly #source: string | undefined;

  constructor(
    context: TlsStreamContext,
    tcp: TcpHandle,
    handshake: HandshakeOwner,
    beginning?: TlsBeginning,
  ) {
    const { binding, readBuffer, alpn, defaultContext } = context;
    this.#context = context;
    this.#tcp = tcp;
    this.#handshake = handshake;
    this.owner = shakingHands;
    this.#source = beginning?.source;
    const asking = beginning?.askingContext;
    const tls = binding.wrap(tcp, asking ?? defaultContext, true, false);
    this.#tls = tls;
    Object.assign(tls, {
      _parent: tcp,
      stream: this,
      onread: onRead,
      onhandshakestart() {},
      onhandshakedone: () => this.#secured(),
      onerror: () => this.#fail('EPROTO'),
      oncertcb: ({ servername }) => this.#chooseCertificate(servername),
    } satisfies Partial<TlsHandle>);
    if (asking) tls.setVerifyMode(true, false);
    else tls.enableCertCb();
    tls.setALPNProtocols(alpn);
    tls.useUserBuffer(readBuffer);
    if (beginning) process.nextTick(() => this.#receive(beginning.bytes));
    else this.resume();
  }

  get remoteAddress(): string {
    if (this.#source !== undefined) return this.#source;
    const out: { address?: string } = {};
    if (this.#isClosed || this.#tcp.getpeername(out) !== 0) return '';
    return out.address ?? '';
  }

  /** The name that ALPN has settled on, once the handshake is over; false: none. */
  get applicationProtocol(): string | false {
    return this.#isClosed ? false : this.#tls.getALPNNegotiatedProtocol();
  }

  /** The client's certificate in DER, if it has shown one, and why it is not believed. */
  get peerCertificate(): { readonly der: Buffer | undefined; readonly error: string | undefined } {
    if (this.#isClosed) return { der: undefined, error: undefined };
    const error = this.#tls.verifyError();
    return { der: this.#tls.getPeerCertificate(true)?.raw, error: error?.code ?? error?.message };
  }

  get writing(): boolean {
    return this.#isWriting;
  }

  resume(): void {
    if (this.#isClosed || this.#isReading) return;
    this.#isReading = true;
    const status = this.#tls.readStart();
    if (status !== 0) process.nextTick(() => this.#fail(getSystemErrorName(status)));
  }

  pause(): void {
    if (this.#isClosed || !this.#isReading) return;
    this.#isReading = false;
    this.#tls.readStop();
  }

  write(buffer: Buffer, length: number): boolean {
    if (this.#isClosed) return true;
    const { tcp } = this.#context.binding;
    const request = new tcp.WriteWrap();
    request.oncomplete = (status) => this.#written(status);
    this.#isWriting = true;
    // Encrypted before it returns, or copied: the bytes are the caller's again.
    const status = this.#tls.writeBuffer(request, buffer.subarray(0, length));
    if (status !== 0) {
      this.#isWriting = false;
      this.#fail(getSystemErrorName(status));
      return true;
    }
    return false;
  }

  end(): void {
    if (this.#isClosed || this.#isEnded) return;
    if (this.#isWriting) this.#endAfterWrite = true;
    else this.#shutdown(() => {});
  }

  /** Says close_notify first, so that the peer does not take the end for a cut. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (this.#isWriting || this.#isEnded || this.#handshake) this.#destroy();
    else this.#shutdown(() => this.#destroy());
  }

  reset(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    // libuv does not reset what is being shut down.
    if (this.#isEnded || this.#tcp.reset() !== 0) this.#destroy();
    else setImmediate(() => this.#tls.destroySSL());
  }

  /** For the handle's callback alone. */
  read(): void {
    if (this.#isClosed) return;
    const { readBuffer, binding } = this.#context;
    const { state, readBytesOrError } = binding.tcp;
    const status = state[readBytesOrError] ?? 0;
    if (status > 0) this.owner.received(this, readBuffer, status);
    else if (status === uvEndOfFile) this.#readEnd();
    else if (status < 0) this.#fail(getSystemErrorName(status));
  }

  #receive(bytes: Buffer): void {
    if (this.#isClosed) return;
    if (bytes.length > 0) this.#tls.receive(bytes);
    this.resume();
  }

  #readEnd(): void {
    if (this.#handshake) this.#fail('ECONNRESET');
    else this.owner.ended(this);
  }

  #chooseCertificate(serverName: string | undefined): void {
    if (this.#isClosed) return;
    const chosen = serverName ? this.#context.contextFor(serverName) : undefined;
    if (chosen) this.#tls.sni_context = chosen;
    this.#tls.certCbDone();
  }

  #secured(): void {
    const handshake = this.#handshake;
    this.#handshake = undefined;
    if (!this.#isClosed) handshake?.secured(this);
  }

  #written(status: number): void {
    this.#isWriting = false;
    if (this.#isClosed) return;
    if (status !== 0) {
      this.#fail(getSystemErrorName(status));
      return;
    }
    if (this.#endAfterWrite) this.#shutdown(() => {});
    this.owner.drained(this);
  }

  #shutdown(done: () => void): void {
    this.#isEnded = true;
    const request = new this.#context.binding.tcp.ShutdownWrap();
    request.oncomplete = done;
    if (this.#tls.shutdown(request) !== 0) process.nextTick(done);
  }

  #fail(code: string): void {
    if (this.#isClosed) return;
    const handshake = this.#handshake;
    this.#handshake = undefined;
    if (handshake) handshake.handshakeFailed(this);
    else this.owner.failed(this, code);
  }

  #destroy(): void {
    this.#tcp.close();
    // Not within its own callbacks: they may still stand on it.
    setImmediate(() => this.#tls.destroySSL());
  }
}

function onRead(this: TcpHandle): void {
  this.stream?.read();
}

/** Until the handshake is over nothing else can be told. */
const shakingHands: StreamOwner = {
  connected() {},
  received() {},
  ended() {},
  drained() {},
  failed() {},
};
