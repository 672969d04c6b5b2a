import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { Agent, get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { endWithUs, temporaryFolder } from './leftovers.ts';
import { until } from './until.ts';

const entry = fileURLToPath(new URL('../daemon/main.ts', import.meta.url));

/** Far longer than 10 000 Services take; reached only when something hangs. */
const startTimeoutMs = 60_000;
const stopTimeoutMs = 10_000;

export const planes = ['l4', 'dns', 'ingress'] as const;
export type PlaneName = (typeof planes)[number];

/** Table generations: what is compiled, and what each worker has in force. */
export interface Applied {
  readonly compiled: Readonly<Record<PlaneName, number>>;
  readonly workers: readonly {
    readonly id: number;
    readonly pid: number;
    readonly applied: Readonly<Record<PlaneName, number>>;
  }[];
}

/** A running `portolan up`, driven as a user would: command line, admin address, signals. */
export class BenchDaemon implements AsyncDisposable {
  readonly addresses: Readonly<Record<string, string>>;
  /** From the start of the process to its ready line. */
  readonly readyMs: number;
  /** `--data-dir`, where the kubeconfig of its API lies. */
  readonly dataDir: string;
  readonly #child: ChildProcess;
  readonly #folder: Disposable;
  readonly #agent = new Agent({ keepAlive: true });

  private constructor(
    child: ChildProcess,
    folder: Disposable,
    dataDir: string,
    addresses: Readonly<Record<string, string>>,
    readyMs: number,
  ) {
    this.#child = child;
    this.#folder = folder;
    this.addresses = addresses;
    this.readyMs = readyMs;
    this.dataDir = dataDir;
  }

  /**
   * Starts the daemon on free ports and waits until it is ready. `cpus`: what `taskset -c` takes;
   * undefined leaves it where it is.
   * @throws Error when it ends instead
   */
  static async start(flags: readonly string[], cpus?: string): Promise<BenchDaemon> {
    const folder = temporaryFolder();
    const free = '127.0.0.1:0';
    const command = [process.execPath, ...execArgv(), entry, 'up'];
    const given = flags.indexOf('--data-dir');
    const dataDir = given < 0 ? join(folder.path, 'data') : (flags[given + 1] ?? '');
    if (given < 0) command.push('--data-dir', dataDir);
    command.push('--ingress-http', free, '--ingress-https', free, '--dns', free, '--admin', free);
    // Every daemon would hold the same port; whoever measures the API asks for it.
    if (!flags.includes('--api')) command.push('--api', 'off');
    command.push('--log-level', 'error', '--log-format', 'json', ...flags);
    if (cpus !== undefined) command.unshift('taskset', '-c', cpus);
    const [file = '', ...args] = command;
    const started = performance.now();
    const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    endWithUs(child);
    try {
      const line = await firstLine(child);
      const { addresses } = JSON.parse(line) as { addresses: Record<string, string> };
      return new BenchDaemon(child, folder, dataDir, addresses, performance.now() - started);
    } catch (error) {
      child.kill('SIGKILL');
      folder[Symbol.dispose]();
      throw error;
    }
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  port(name: string): number {
    return Number(this.addresses[name]?.split(':').at(-1));
  }

  /** GET on the admin address, on a kept connection: text, or the parsed value of JSON. */
  async admin(path: string): Promise<unknown> {
    const url = `http://${this.addresses['admin']}${path}`;
    const [answer] = (await once(get(url, { agent: this.#agent }), 'response')) as [
      IncomingMessage,
    ];
    let text = '';
    for await (const chunk of answer.setEncoding('utf8')) text += chunk;
    const isJson = answer.headers['content-type']?.includes('json') === true;
    return isJson ? (JSON.parse(text) as unknown) : text;
  }

  /** The ClusterIP of a Service. */
  async clusterIP(namespace: string, name: string): Promise<string> {
    const path = `/debug/view/services?namespace=${namespace}&name=${name}`;
    const view = (await this.admin(path)) as { columns: { name: string }[]; rows: string[][] };
    const column = view.columns.findIndex((one) => one.name === 'CLUSTER-IP');
    return view.rows[0]?.[column] ?? '';
  }

  async applied(): Promise<Applied> {
    return (await this.admin('/debug/applied')) as Applied;
  }

  /** Process ids of the workers. */
  async workerPids(): Promise<readonly number[]> {
    const { workers } = await this.applied();
    return workers.map(({ pid }) => pid);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await this.#stop();
    this.#agent.destroy();
    this.#folder[Symbol.dispose]();
  }

  async #stop(): Promise<void> {
    const workers = await this.workerPids();
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    const patience = setTimeout(() => this.#child.kill('SIGKILL'), stopTimeoutMs);
    await ended;
    clearTimeout(patience);
    // They may outlive the main process by a moment, and write into its folder.
    await until('the workers have ended', () =>
      workers.every((pid) => !existsSync(`/proc/${pid}`)),
    );
  }
}

/** The generation that every worker has in force; 0 when there is no worker. */
export function appliedByAll({ workers }: Applied, plane: PlaneName): number {
  return workers.length === 0 ? 0 : Math.min(...workers.map(({ applied }) => applied[plane]));
}

/** Resident memory of a process in MiB now, and at its peak (`VmRSS`, `VmHWM` of proc(5)). */
export function residentMiB(pid: number): { readonly now: number; readonly peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const read = (field: string): number =>
    Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? 0) / 1024;
  return { now: read('VmRSS'), peak: read('VmHWM') };
}

/**
 * A /16 of 127.0.0.0/8 for ClusterIPs that another benchmark at the same time is unlikely to use:
 * of the addresses of one user, SO_REUSEPORT would give each a share without a word.
 */
export function ownServiceCidr(): string {
  return `127.${200 + (process.pid % 48)}.0.0/16`;
}

/** `PORTOLAN_BENCH_NODE_FLAGS`, such as `--cpu-prof --cpu-prof-dir=/tmp/profiles`, for profiling. */
function execArgv(): readonly string[] {
  return (process.env['PORTOLAN_BENCH_NODE_FLAGS'] ?? '').split(' ').filter((flag) => flag !== '');
}

async function firstLine(child: ChildProcess): Promise<string> {
  return await new Promise((resolve, reject) => {
    const late = (): void => reject(new Error(`the daemon was not ready in ${startTimeoutMs} ms`));
    const patience = setTimeout(late, startTimeoutMs);
    let text = '';
    child.stdout?.on('data', (chunk) => {
      text += String(chunk);
      const end = text.indexOf('\n');
      if (end < 0) return;
      clearTimeout(patience);
      resolve(text.slice(0, end));
    });
    child.once('exit', (status) => {
      clearTimeout(patience);
      reject(new Error(`the daemon ended with status ${status}`));
    });
  });
}
