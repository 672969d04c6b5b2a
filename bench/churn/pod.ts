import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { endWithUs } from '../leftovers.ts';
import { podManifest } from './manifest.ts';

const entry = fileURLToPath(new URL('backend.ts', import.meta.url));

/** A backend process with the Pod that stands for it in the manifests. */
export class Pod implements AsyncDisposable {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly #child: ChildProcess;

  private constructor(name: string, address: string, port: number, child: ChildProcess) {
    this.name = name;
    this.address = address;
    this.port = port;
    this.#child = child;
  }

  /** Resolves when it listens on a free port of `address`. */
  static async start(name: string, address: string): Promise<Pod> {
    const args = [entry, name, address];
    const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    endWithUs(child);
    const [line] = (await once(child.stdout, 'data', {
      signal: AbortSignal.timeout(20_000),
    })) as [Buffer];
    return new Pod(name, address, Number(line), child);
  }

  /** Adds its manifest to the folder. */
  announce(folder: string): void {
    writeFileSync(join(folder, `${this.name}.yaml`), podManifest(this));
  }

  /** Takes its manifest away. */
  withdraw(folder: string): void {
    rmSync(join(folder, `${this.name}.yaml`));
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  /** Asks it to end and waits until it has. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill();
    await this.stop();
  }
}
