import { fail } from 'node:assert/strict';
import { type ChildProcess, execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

let labs = 0;

/** One machine of a lab: a network namespace with `eth0` on the lab's switch. */
export interface Host {
  readonly namespace: string;
  /** 10.9.0.`number`/24, fd09::`number`/64. */
  readonly number: number;
  readonly address: string;
  /** Its port on the switch; taking that down is pulling the cable. */
  readonly port: string;
}

/** Why labs cannot run here; undefined: they can. In CI that is a failure, not a skip. */
export async function labUnavailable(...programs: readonly string[]): Promise<string | undefined> {
  const reason = await findReason(programs);
  if (reason !== undefined && process.env['CI']) fail(reason);
  return reason;
}

async function findReason(programs: readonly string[]): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return 'network namespaces take root';
  for (const program of ['ip', ...programs]) {
    try {
      await run('sh', ['-c', `command -v ${program}`]);
    } catch {
      return `${program} is not installed`;
    }
  }
  const probe = `vrrp-probe-${process.pid}`;
  try {
    await run('ip', ['netns', 'add', probe]);
    await run('ip', ['netns', 'del', probe]);
    return undefined;
  } catch {
    return 'network namespaces cannot be made here';
  }
}

/** Machines on one switch, all in namespaces of their own, gone when it is disposed of. */
export class Lab implements AsyncDisposable {
  readonly hosts: readonly Host[];
  readonly directory: string;
  readonly #switch: string;
  readonly #children: ChildProcess[] = [];

  private constructor(hosts: readonly Host[], switchName: string, directory: string) {
    this.hosts = hosts;
    this.#switch = switchName;
    this.directory = directory;
  }

  /** A lab of `count` machines. */
  static async create(count: number): Promise<Lab> {
    labs += 1;
    const name = `vrrp-${process.pid}-${labs}`;
    const hosts = Array.from({ length: count }, (_, at) => ({
      namespace: `${name}-${at + 1}`,
      number: at + 1,
      address: `10.9.0.${at + 1}`,
      port: `p${at + 1}`,
    }));
    const lab = new Lab(hosts, `${name}-sw`, await mkdtemp(join(tmpdir(), 'vrrp-lab-')));
    try {
      await lab.#build();
    } catch (error) {
      await lab[Symbol.asyncDispose]();
      throw error;
    }
    return lab;
  }

  /** The machine of that number, from 1. */
  host(number: number): Host {
    const found = this.hosts[number - 1];
    if (!found) throw new RangeError(`the lab has no host ${number}`);
    return found;
  }

  /** Runs a program on a machine and gives what it printed. */
  async exec(host: Host, program: string, ...args: readonly string[]): Promise<string> {
    const { stdout } = await run('ip', ['netns', 'exec', host.namespace, program, ...args]);
    return stdout;
  }

  /** Which machines hold an address now, by number. */
  async holders(address: string): Promise<readonly number[]> {
    const found = await Promise.all(
      this.hosts.map(async ({ namespace, number }) => {
        const { stdout } = await run('ip', ['-n', namespace, '-o', 'addr', 'show', 'to', address]);
        return stdout === '' ? [] : [number];
      }),
    );
    return found.flat();
  }

  /** Waits until exactly these machines hold an address. */
  async whenHeldBy(address: string, numbers: readonly number[], withinMs = 10_000): Promise<void> {
    await until(
      async () => (await this.holders(address)).join() === numbers.join(),
      withinMs,
      async () =>
        `${address} is held by [${(await this.holders(address)).join()}], not [${numbers.join()}]`,
    );
  }

  /** Pulls a machine's cable, or plugs it in. The machine itself sees no carrier then. */
  async cable(host: Host, state: 'up' | 'down'): Promise<void> {
    await run('ip', ['-n', this.#switch, 'link', 'set', host.port, state]);
  }

  /** Takes a machine off the switch, or puts it back, while its own link stays up. */
  async connect(host: Host, connected: boolean): Promise<void> {
    const to = connected ? ['master', 'br0'] : ['nomaster'];
    await run('ip', ['-n', this.#switch, 'link', 'set', host.port, ...to]);
  }

  /** Drops VRRP that comes in at a machine, as a default firewall does. */
  async blockAdverts(host: Host, blocked: boolean): Promise<void> {
    await this.exec(host, 'iptables', blocked ? '-A' : '-D', 'INPUT', '-p', '112', '-j', 'DROP');
  }

  /** Ends with the lab. */
  adopt<Child extends ChildProcess>(child: Child): Child {
    this.#children.push(child);
    return child;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(
      this.#children.map(async (child) => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        const ended = new Promise((resolve) => child.once('exit', resolve));
        child.kill('SIGCONT');
        child.kill('SIGKILL');
        await ended;
      }),
    );
    for (const name of [this.#switch, ...this.hosts.map((host) => host.namespace)]) {
      await run('ip', ['netns', 'del', name]).catch(() => undefined);
    }
    await rm(this.directory, { recursive: true, force: true });
  }

  async #build(): Promise<void> {
    await ip(`netns add ${this.#switch}`);
    await ip(`-n ${this.#switch} link add br0 type bridge mcast_snooping 0`);
    await ip(`-n ${this.#switch} link set br0 up`);
    await Promise.all(this.hosts.map((host) => this.#plugIn(host)));
  }

  async #plugIn({ namespace, number, address, port }: Host): Promise<void> {
    await ip(`netns add ${namespace}`);
    // Duplicate address detection would only make link-local addresses late.
    const sysctls = ['default', 'all'].map((one) => `net.ipv6.conf.${one}.accept_dad=0`);
    await run('ip', ['netns', 'exec', namespace, 'sysctl', '-qw', ...sysctls]);
    await ip(`link add ${port} netns ${this.#switch} type veth peer name eth0 netns ${namespace}`);
    await ip(`-n ${this.#switch} link set ${port} master br0 up`);
    await ip(`-n ${namespace} link set lo up`);
    await ip(`-n ${namespace} link set eth0 address 02:00:00:00:00:0${number}`);
    await ip(`-n ${namespace} addr add ${address}/24 dev eth0`);
    await ip(`-n ${namespace} addr add fd09::${number}/64 dev eth0 nodad`);
    await ip(`-n ${namespace} link set eth0 up`);
  }
}

async function ip(command: string): Promise<void> {
  await run('ip', command.split(' '));
}

/** Looks every 10 ms until it is so. @throws when it is not in time */
export async function until(
  holds: () => boolean | Promise<boolean>,
  withinMs: number,
  otherwise: () => string | Promise<string>,
): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > deadline) fail(`after ${withinMs} ms: ${await otherwise()}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
