import { type TcpHandle, uvEndOfFile } from '../../../proxy/planes/userspace/tcp/node-binding.ts';
import { Deadline, type DeadlineWheel, type NodeTlsBinding } from '../../transport/index.ts';

/** Nothing that is looked for takes more. */
const maxBytes = 65_536;

/** What to make of the bytes that have come: wait for more, or be done. */
export type FirstBytesVerdict = 'more' | 'done';

/** How the beginning of a connection is looked at. */
export interface FirstBytesOptions {
  readonly binding: NodeTlsBinding['tcp'];
  readonly wheel: DeadlineWheel;
  readonly readBuffer: Buffer;
  /** Milliseconds that it may take. */
  readonly withinMs: number;
  /** All bytes so far. `done`: it has taken the handle over, or closed it. */
  readonly look: (bytes: Buffer) => FirstBytesVerdict;
  /** The peer has gone, or was too slow, or talks too much. The handle is closed. */
  readonly failed: () => void;
  /** All that are being looked at: each is in there until it is decided. */
  readonly open: Set<FirstBytes>;
}

/**
 * Reads the beginning of a connection from its bare handle, before it is decided what the rest of
 * it is: TLS to be ended here, or somebody else's.
 */
export class FirstBytes {
  readonly #handle: TcpHandle;
  readonly #options: FirstBytesOptions;
  readonly #deadline: Deadline;
  #bytes: Buffer = Buffer.alloc(0);
  #isDone = false;

  constructor(handle: TcpHandle, options: FirstBytesOptions) {
    this.#handle = handle;
    this.#options = options;
    this.#deadline = new Deadline(this);
    options.wheel.set(this.#deadline, options.withinMs);
    options.open.add(this);
    handle.useUserBuffer(options.readBuffer);
    handle.stream = this;
    handle.onread = onRead;
    if (handle.readStart() !== 0) this.expired();
  }

  expired(): void {
    if (this.#isDone) return;
    this.#end();
    this.#handle.close();
    this.#options.failed();
  }

  /** For the handle's callback alone. */
  read(): void {
    if (this.#isDone) return;
    const { binding, readBuffer, look } = this.#options;
    const length = binding.state[binding.readBytesOrError] ?? 0;
    if (length === 0) return;
    if (length < 0 || length === uvEndOfFile || this.#bytes.length + length > maxBytes) {
      this.expired();
      return;
    }
    this.#bytes = Buffer.concat([this.#bytes, readBuffer.subarray(0, length)]);
    this.#handle.readStop();
    if (look(this.#bytes) === 'done') this.#end();
    else if (this.#handle.readStart() !== 0) this.expired();
  }

  #end(): void {
    this.#isDone = true;
    this.#options.open.delete(this);
    this.#options.wheel.clear(this.#deadline);
  }
}

function onRead(this: TcpHandle): void {
  this.stream?.read();
}
