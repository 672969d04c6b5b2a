import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const entry = fileURLToPath(new URL('../daemon/main.ts', import.meta.url));

/** A running `portolan up`, driven as a user would: command line, admin address, signals. */
export class BenchDaemon implements AsyncDisposable {
  readonly addresses: Readonly<Record<string, string>>;
  /** From the start of the process to its ready line. */
  readonly readyMs: number;
  readonly #child: ChildProcess;
  readonly #folder: string;

  private constructor(
    child: ChildProcess,
    folder: string,
    addresses: Readonly<Record<string, string>>,
    readyMs: number,
  ) {
    this.#child = child;
    this.#folder = folder;
    this.addresses = addresses;
    this.readyMs = readyMs;
  }

  /**
   * Starts the daemon on free ports and waits until it is ready. `cpus`: what `taskset -c` takes;
   * undefined leaves it where it is.
   * @throws Error when it ends instead
   */
  static async start(flags: readonly string[], cpus?: string): Promise<BenchDaemon> {
    const folder = mkdtempSync(join(tmpdir(), 'portolan-bench-'));
    const free = '127.0.0.1:0';
    const command = [process.execPath, entry, 'up', '--data-dir', join(folder, 'data')];
    command.push('--ingress-http', free, '--ingress-https', free, '--dns', free, '--admin', free);
    command.push('--log-level', 'error', ...flags);
    if (cpus !== undefined) command.unshift('taskset', '-c', cpus);
    const [file = '', ...args] = command;
    const started = performance.now();
    const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const line = await firstLine(child);
    const { addresses } = JSON.parse(line) as { addresses: Record<string, string> };
    return new BenchDaemon(child, folder, addresses, performance.now() - started);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  port(name: string): number {
    return Number(this.addresses[name]?.split(':').at(-1));
  }

  /** GET on the admin address: text, or the parsed value of JSON. */
  async admin(path: string): Promise<unknown> {
    const answer = await fetch(`http://${this.addresses['admin']}${path}`);
    const text = await answer.text();
    const isJson = answer.headers.get('content-type')?.includes('json') === true;
    return isJson ? (JSON.parse(text) as unknown) : text;
  }

  /** The ClusterIP of a Service. */
  async clusterIP(namespace: string, name: string): Promise<string> {
    const path = `/debug/view/services?namespace=${namespace}&name=${name}`;
    const view = (await this.admin(path)) as { columns: { name: string }[]; rows: string[][] };
    const column = view.columns.findIndex((one) => one.name === 'CLUSTER-IP');
    return view.rows[0]?.[column] ?? '';
  }

  /** Process ids of the workers. */
  async workerPids(): Promise<readonly number[]> {
    const { workers } = (await this.admin('/debug/applied')) as { workers: { pid: number }[] };
    return workers.map(({ pid }) => pid);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const ended = once(this.#child, 'exit');
      this.#child.kill('SIGTERM');
      const patience = setTimeout(() => this.#child.kill('SIGKILL'), 5_000);
      await ended;
      clearTimeout(patience);
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Resident memory of a process in MiB (`VmRSS` of proc(5)). */
export function residentMiB(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1024;
}

async function firstLine(child: ChildProcess): Promise<string> {
  return await new Promise((resolve, reject) => {
    let text = '';
    child.stdout?.on('data', (chunk) => {
      text += String(chunk);
      const end = text.indexOf('\n');
      if (end >= 0) resolve(text.slice(0, end));
    });
    child.once('exit', (status) => reject(new Error(`the daemon ended with status ${status}`)));
  });
}
