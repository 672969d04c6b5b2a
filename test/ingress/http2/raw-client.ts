import { connect, type Socket } from 'node:net';
import { FrameLog, type SeenFrame } from './wire-frames.ts';

/** A client of HTTP/2 on a raw socket: what it sends is exactly what is written. */
export class RawHttp2Client implements Disposable {
  readonly socket: Socket;
  readonly log: FrameLog = new FrameLog();
  /** The other side has ended the connection, or cut it. */
  readonly closed: Promise<void>;
  readonly #waiting = new Set<() => void>();
  #isClosed = false;

  constructor(port: number) {
    this.socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.socket.on('error', () => {});
    this.socket.on('data', (bytes: Buffer) => {
      this.log.add(bytes);
      this.#wake();
    });
    this.closed = new Promise((resolve) => {
      this.socket.once('close', () => {
        this.#isClosed = true;
        this.#wake();
        resolve();
      });
      this.socket.once('end', () => this.socket.end());
    });
  }

  send(...parts: readonly Buffer[]): this {
    this.socket.write(Buffer.concat(parts));
    return this;
  }

  /** The first frame that fits, now or later. */
  async frame(fits: (frame: SeenFrame) => boolean): Promise<SeenFrame> {
    for (;;) {
      const found = this.log.frames.find(fits);
      if (found) return found;
      if (this.#isClosed) throw new Error(`closed; ${this.#describe()}`);
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  /** Once a stream is over: its head, body and trailers, or the code that it was reset with. */
  async response(streamId: number): Promise<{
    readonly fields: Readonly<Record<string, string>>;
    readonly body: string;
    readonly trailers: Readonly<Record<string, string>> | undefined;
    readonly reset: number | undefined;
  }> {
    const last = await this.frame(
      (one) => one.streamId === streamId && (one.end || one.type === 'RST_STREAM'),
    );
    const heads = this.log.of('HEADERS', streamId).filter((one) => one.fields[':status'] !== '100');
    const hasTrailers = heads.length > 1;
    return {
      fields: heads[0]?.fields ?? {},
      body: this.log
        .of('DATA', streamId)
        .map((one) => one.payload.toString('latin1'))
        .join(''),
      trailers: hasTrailers ? heads.at(-1)?.fields : undefined,
      reset: last.type === 'RST_STREAM' ? last.code : undefined,
    };
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }

  #wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of waiting) wake();
  }

  #describe(): string {
    return this.log.frames.map((one) => `${one.type} ${one.streamId} ${one.code}`).join(', ');
  }
}
