import type { IPFamily } from '../../../../../controller/objects/index.ts';
import type {
  StreamOwner,
  TcpListener,
  TcpStream,
  TcpTransport,
} from '../../../../../proxy/planes/userspace/tcp/transport.ts';

/** A stream that does nothing by itself and remembers what was asked of it. */
export class FakeStream implements TcpStream {
  readonly remoteAddress = '192.0.2.1';
  readonly calls: string[] = [];
  readonly name: string;
  owner: StreamOwner;
  writing = false;
  /** What `write` answers. */
  accepts = true;

  constructor(name: string, owner: StreamOwner) {
    this.name = name;
    this.owner = owner;
  }

  resume(): void {
    this.calls.push('resume');
  }

  pause(): void {
    this.calls.push('pause');
  }

  write(buffer: Buffer, length: number): boolean {
    this.calls.push(`write ${buffer.toString('latin1', 0, length)}`);
    this.writing = !this.accepts;
    return this.accepts;
  }

  end(): void {
    this.calls.push('end');
  }

  close(): void {
    this.calls.push('close');
  }

  reset(): void {
    this.calls.push('reset');
  }

  /** As if its peer had sent this. */
  hear(text: string): void {
    this.owner.received(this, Buffer.from(text), text.length);
  }

  drain(): void {
    this.writing = false;
    this.owner.drained(this);
  }
}

/** Connects to nothing: tests decide what comes of each attempt, through `attempts`. */
export class FakeTransport implements TcpTransport {
  readonly name = 'sockets';
  readonly attempts: FakeStream[] = [];

  async listen(): Promise<TcpListener> {
    return { port: 0, async [Symbol.asyncDispose]() {} };
  }

  connect(address: string, port: number, _family: IPFamily, owner: StreamOwner): TcpStream {
    const stream = new FakeStream(`${address}:${port}`, owner);
    this.attempts.push(stream);
    return stream;
  }
}
