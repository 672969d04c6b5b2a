import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Address } from '../l4/peer.ts';
import { endWithUs } from '../leftovers.ts';

const entry = fileURLToPath(new URL('upstream-server.ts', import.meta.url));

/** A resolver in a process of its own, which can die, hang and come back. */
export class Upstream implements AsyncDisposable {
  readonly at: Address;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, at: Address) {
    this.#child = child;
    this.at = at;
  }

  /** `port` 0: any free one. `ttlSec`: of its answers. */
  static async start(port: number = 0, ttlSec: number = 3600): Promise<Upstream> {
    const args = [entry, String(port), String(ttlSec)];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    endWithUs(child);
    const [chunk] = (await once(child.stdout, 'data')) as [Buffer];
    return new Upstream(child, { host: '127.0.0.1', port: Number(chunk.toString()) });
  }

  /** Takes queries and answers none. */
  hang(): void {
    this.#child.kill('SIGSTOP');
  }

  resume(): void {
    this.#child.kill('SIGCONT');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }
}
