import { execFileSync, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { endWithUs } from '../leftovers.ts';
import type { KernelMode } from '../../daemon/up/kernel-plane.ts';
import { livePod, livePort } from './cluster.ts';
import { JsonChild } from './json-child.ts';
import type { Job, Started } from './subject.ts';

const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
let bedsMade = 0;

/** What `ip` says; throws if it fails. Namespaces are all that it changes on the host. */
function ip(...args: readonly string[]): string {
  return execFileSync('ip', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
}

/** The rule engines: iptables has two. */
export type Engine = 'nftables' | 'iptables-nft' | 'iptables-legacy';

export const modeOf: Readonly<Record<Engine, KernelMode>> = {
  nftables: 'nftables',
  'iptables-nft': 'iptables',
  'iptables-legacy': 'iptables',
};

/** A client, a node that routes, and a Pod, each in a namespace; gone when disposed. */
export class Bed implements AsyncDisposable {
  readonly node: string;
  readonly #names: readonly string[];
  readonly #client: string;
  readonly #pod: string;
  readonly #stack = new AsyncDisposableStack();
  readonly #atExit = (): void => this.#remove();

  constructor() {
    bedsMade += 1;
    const prefix = `program-${process.pid}-${bedsMade}`;
    this.node = `${prefix}-node`;
    this.#client = `${prefix}-client`;
    this.#pod = `${prefix}-pod`;
    this.#names = [this.node, this.#client, this.#pod];
    process.once('exit', this.#atExit);
    for (const name of this.#names) {
      ip('netns', 'add', name);
      ip('-n', name, 'link', 'set', 'lo', 'up');
    }
    this.#connect('clients', this.#client, '10.244.0');
    this.#connect('pods', this.#pod, '10.244.1');
    this.run('sysctl', '-qw', 'net.ipv4.ip_forward=1');
    // Whatever goes nowhere is thrown away at once.
    ip('-n', this.node, 'route', 'add', 'blackhole', 'default');
  }

  /** Runs a program on the node. */
  run(program: string, ...args: readonly string[]): string {
    return ip('netns', 'exec', this.node, program, ...args);
  }

  /** The same with a text on standard input; resolves to how long it took. */
  async timed(input: string, program: string, ...args: readonly string[]): Promise<number> {
    const startedMs = performance.now();
    const child = spawn('ip', ['netns', 'exec', this.node, program, ...args], {
      stdio: ['pipe', 'ignore', 'inherit'],
    });
    endWithUs(child);
    const code = await new Promise<number | null>((resolve) => {
      child.once('exit', resolve);
      child.stdin?.end(input);
    });
    if (code !== 0) throw new Error(`${program} failed`);
    return performance.now() - startedMs;
  }

  /** Starts the subject for an engine; resolves when its first table is in force. */
  async start(engine: Engine, job: Omit<Job, 'mode'>): Promise<Started & { subject: JsonChild }> {
    // The plane uses the variant that others use.
    if (engine === 'iptables-legacy') this.run('iptables-legacy', '-A', 'INPUT', '-j', 'ACCEPT');
    const full: Job = { ...job, mode: modeOf[engine] };
    const subject = new JsonChild(this.node, path('subject.ts'), JSON.stringify(full));
    this.#stack.use(subject);
    return { ...(await subject.next<Started>()), subject };
  }

  /** Starts what answers in the Pod, and the client that asks. */
  async startTraffic(): Promise<JsonChild> {
    const server = this.#stack.use(
      new JsonChild(this.#pod, path('server.ts'), livePod, String(livePort)),
    );
    await server.next();
    return this.#stack.use(new JsonChild(this.#client, path('client.ts')));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
    process.off('exit', this.#atExit);
    this.#remove();
  }

  #connect(device: string, host: string, net: string): void {
    ip(
      '-n',
      this.node,
      'link',
      'add',
      device,
      'type',
      'veth',
      'peer',
      'name',
      'eth0',
      'netns',
      host,
    );
    ip('-n', this.node, 'addr', 'add', `${net}.1/24`, 'dev', device);
    ip('-n', this.node, 'link', 'set', device, 'up');
    ip('-n', host, 'addr', 'add', `${net}.2/24`, 'dev', 'eth0');
    ip('-n', host, 'link', 'set', 'eth0', 'up');
    ip('-n', host, 'route', 'add', 'default', 'via', `${net}.1`);
  }

  #remove(): void {
    for (const name of this.#names) {
      try {
        ip('netns', 'del', name);
      } catch {
        // It was never made.
      }
    }
  }
}
