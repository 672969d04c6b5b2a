import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { until } from '../until.ts';

export const vip = '10.9.0.100';
const port = 8080;
const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const ip = (command: string): void => {
  execFileSync('ip', command.split(' '), { stdio: ['ignore', 'ignore', 'inherit'] });
};

/** Who began to answer, and when: milliseconds since the epoch. */
export interface Answer {
  readonly atMs: number;
  readonly name: string;
  /** For how long nobody had answered. */
  readonly silentMs: number;
}

/** Two nodes and a client on one switch, in network namespaces that end with it. */
export class Bed implements Disposable {
  readonly directory: string = mkdtempSync(join(tmpdir(), 'failover-'));
  readonly #prefix = `failover-${process.pid}`;
  readonly #children: ChildProcess[] = [];
  readonly answers: Answer[] = [];
  #waiting: (() => void) | undefined;
  #advert: (() => void) | undefined;

  readonly #atExit = (): void => this[Symbol.dispose]();

  constructor() {
    process.once('exit', this.#atExit);
    try {
      ip(`netns add ${this.#prefix}-sw`);
      ip(`-n ${this.#prefix}-sw link add br0 type bridge mcast_snooping 0`);
      ip(`-n ${this.#prefix}-sw link set br0 up`);
      for (const number of [1, 2, 3]) this.#plugIn(number);
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  /** Starts a program on a node. */
  run(number: number, program: string, ...args: readonly string[]): ChildProcess {
    const child = spawn('ip', ['netns', 'exec', `${this.#prefix}-${number}`, program, ...args], {
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    this.#children.push(child);
    return child;
  }

  file(name: string, text: string): string {
    const file = join(this.directory, name);
    writeFileSync(file, text, { mode: 0o600 });
    return file;
  }

  /** Servers on both nodes, and the client that asks the address. */
  async serve(): Promise<void> {
    for (const number of [1, 2]) {
      const child = this.run(
        number,
        process.execPath,
        path('server.ts'),
        String(port),
        `${number}`,
      );
      await new Promise((resolve) => child.stdout?.once('data', resolve));
    }
    const prober = this.run(3, process.execPath, path('prober.ts'), vip, String(port));
    if (!prober.stdout) throw new Error('its output is piped');
    createInterface({ input: prober.stdout }).on('line', (line) => {
      this.answers.push(JSON.parse(line));
      this.#waiting?.();
    });
  }

  /** Listens on the switch for adverts, whoever sends them. */
  async hearAdverts(): Promise<void> {
    const args = ['--immediate-mode', '-l', '-n', '-i', 'br0', 'ip', 'proto', '112'];
    const sniffer = spawn('ip', ['netns', 'exec', `${this.#prefix}-sw`, 'tcpdump', ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#children.push(sniffer);
    createInterface({ input: sniffer.stdout }).on('line', () => this.#advert?.());
    // "listening on br0": from now on nothing is missed.
    await new Promise((resolve) => sniffer.stderr.once('data', resolve));
  }

  /** Resolves when the next advert crosses the switch. */
  async nextAdvert(withinMs: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const late = (): void => reject(new Error(`no advert within ${withinMs} ms`));
      const timer = setTimeout(late, withinMs);
      this.#advert = () => {
        clearTimeout(timer);
        this.#advert = undefined;
        resolve();
      };
    });
  }

  /** A node's first answer for the address after `sinceMs`. */
  async answeredBy(name: string, sinceMs: number, withinMs: number): Promise<Answer> {
    const deadline = performance.now() + withinMs;
    for (;;) {
      const found = this.answers.find((one) => one.name === name && one.atMs >= sinceMs);
      if (found) return found;
      const leftMs = deadline - performance.now();
      if (leftMs <= 0) throw new Error(`node ${name} did not answer within ${withinMs} ms`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, leftMs);
        this.#waiting = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  /** Takes a node off the switch in silence, as a loss of power does; or puts it back. */
  connect(number: number, connected: boolean): void {
    ip(`-n ${this.#prefix}-sw link set p${number} ${connected ? 'master br0' : 'nomaster'}`);
  }

  /** Has a node drop VRRP that comes in, as a default firewall does; or not any more. */
  firewall(number: number, drops: boolean): void {
    const rule = `${drops ? '-A' : '-D'} INPUT -p 112 -j DROP`;
    ip(`netns exec ${this.#prefix}-${number} iptables ${rule}`);
  }

  /** Which nodes hold the address now. */
  holders(): readonly number[] {
    return [1, 2].filter((number) => {
      const args = ['-n', `${this.#prefix}-${number}`, '-o', 'addr', 'show', 'to', vip];
      return execFileSync('ip', args, { encoding: 'utf8' }) !== '';
    });
  }

  /** Resolves when exactly these nodes hold the address. */
  async whenHeldBy(numbers: readonly number[], withinMs: number): Promise<void> {
    const held = async (): Promise<boolean> => this.holders().join() === numbers.join();
    await until(`nodes ${numbers.join()} hold the address`, held, withinMs);
  }

  /** What a program prints on a node, both ways out. */
  output(number: number, program: string, ...args: readonly string[]): string {
    const command = ['netns', 'exec', `${this.#prefix}-${number}`, program, ...args];
    return execFileSync('ip', command, { encoding: 'utf8' });
  }

  /** Ends one program. */
  async end(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL' | 'stdin'): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exit = new Promise((resolve) => child.once('exit', resolve));
    if (signal === 'stdin') child.stdin?.end();
    else child.kill(signal);
    await exit;
  }

  [Symbol.dispose](): void {
    process.off('exit', this.#atExit);
    for (const child of this.#children) child.kill('SIGKILL');
    for (const name of ['sw', '1', '2', '3']) {
      try {
        ip(`netns del ${this.#prefix}-${name}`);
      } catch {
        // It was never made.
      }
    }
    rmSync(this.directory, { recursive: true, force: true });
  }

  #plugIn(number: number): void {
    const namespace = `${this.#prefix}-${number}`;
    ip(`netns add ${namespace}`);
    ip(`link add p${number} netns ${this.#prefix}-sw type veth peer name eth0 netns ${namespace}`);
    ip(`-n ${this.#prefix}-sw link set p${number} master br0 up`);
    ip(`-n ${namespace} link set lo up`);
    ip(`-n ${namespace} addr add 10.9.0.${number}/24 dev eth0`);
    ip(`-n ${namespace} link set eth0 up`);
  }
}
