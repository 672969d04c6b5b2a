import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type {
  SpeakerMessage,
  SpeakerReport,
  VirtualRouterSpec,
} from '../../../controller/vip/index.ts';
import { type Host, type Lab, until } from './lab.ts';

/** A VRRP router on a machine of a lab, ours or keepalived. */
export interface Peer {
  readonly host: Host;
  /** `initialize` until it says something. */
  state(): 'initialize' | 'backup' | 'active' | 'fault' | 'retiring';
  whenState(state: 'backup' | 'active' | 'fault', withinMs?: number): Promise<void>;
  /** SIGTERM, or its like: says goodbye. */
  stop(): Promise<void>;
  /** SIGKILL of everything, as when the power goes: the address goes with it. */
  kill(): Promise<void>;
  freeze(): void;
  thaw(): void;
}

/** What a router is to be, for both kinds of peers. Version 3 and 0.1 s unless said. */
export interface Wanted {
  readonly priority?: number;
  readonly vrid?: number;
  readonly version?: 2 | 3;
  readonly adverIntervalMs?: number;
  readonly family?: 'IPv4' | 'IPv6';
  readonly addresses?: readonly string[];
  readonly password?: string;
  readonly peers?: readonly string[];
  readonly nopreempt?: boolean;
  readonly track?: { readonly name: string; readonly weight: number };
}

const vipOf = { IPv4: '10.9.0.100', IPv6: 'fe80::100' } as const;

/** Our speaker, in a process of its own. */
export class OurPeer implements Peer {
  readonly host: Host;
  /** Everything it said, with the wall clock. */
  readonly messages: (SpeakerMessage & { readonly atMs: number })[] = [];
  readonly #child: ChildProcess;
  readonly #address: string;
  readonly #lab: Lab;

  constructor(lab: Lab, host: Host, wanted: Wanted = {}) {
    this.host = host;
    this.#lab = lab;
    const spec = ourSpec(wanted);
    this.#address = spec.addresses[0]?.address ?? '';
    const script = fileURLToPath(new URL('./node.ts', import.meta.url));
    const args = [
      'netns',
      'exec',
      host.namespace,
      process.execPath,
      script,
      JSON.stringify([spec]),
    ];
    this.#child = lab.adopt(spawn('ip', args, { stdio: ['pipe', 'pipe', 'inherit'] }));
    if (!this.#child.stdout) throw new Error('its output is piped');
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      this.messages.push(JSON.parse(line));
    });
  }

  state(): ReturnType<Peer['state']> {
    const last = this.messages.findLast((message) => message.kind === 'transition');
    return last?.kind === 'transition' ? last.to : 'initialize';
  }

  async whenState(state: 'backup' | 'active' | 'fault', withinMs = 10_000): Promise<void> {
    await until(
      () => this.state() === state,
      withinMs,
      () => this.describe(),
    );
  }

  /** The cause of a rival that it reported. */
  async whenRival(cause: string, withinMs = 12_000): Promise<void> {
    const reported = (): boolean =>
      this.messages.some((message) => message.kind === 'rivals' && message.cause === cause);
    await until(reported, withinMs, () => this.describe());
  }

  /** The states it went to, in order. */
  transitions(): readonly string[] {
    return this.messages.flatMap((message) => (message.kind === 'transition' ? [message.to] : []));
  }

  /** A report that it makes from now on. */
  async nextReport(): Promise<SpeakerReport> {
    const before = this.messages.length;
    const found = (): SpeakerReport | undefined => {
      const next = this.messages.slice(before).find(({ kind }) => kind === 'status');
      return next?.kind === 'status' ? next.report : undefined;
    };
    await until(
      () => found() !== undefined,
      5000,
      () => this.describe(),
    );
    const report = found();
    if (!report) throw new Error('it was there');
    return report;
  }

  describe(): string {
    const told = this.messages.filter(({ kind }) => kind !== 'status').slice(-8);
    return [...told, this.messages.findLast(({ kind }) => kind === 'status')]
      .map((message) => JSON.stringify(message))
      .join('\n');
  }

  async stop(): Promise<void> {
    await ended(this.#child, () => this.#child.stdin?.end());
  }

  async kill(): Promise<void> {
    await ended(this.#child, () => this.#child.kill('SIGKILL'));
    await dropAddress(this.#lab, this.host, this.#address);
  }

  freeze(): void {
    this.#child.kill('SIGSTOP');
  }

  thaw(): void {
    this.#child.kill('SIGCONT');
  }
}

/** keepalived, its VRRP part alone. */
export class Keepalived implements Peer {
  readonly host: Host;
  readonly log: string[] = [];
  readonly #child: ChildProcess;
  readonly #lab: Lab;
  readonly #address: string;

  private constructor(lab: Lab, host: Host, address: string, child: ChildProcess) {
    this.host = host;
    this.#lab = lab;
    this.#address = address;
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      if (stream) createInterface({ input: stream }).on('line', (line) => this.log.push(line));
    }
  }

  static async start(lab: Lab, host: Host, wanted: Wanted = {}): Promise<Keepalived> {
    const file = join(lab.directory, `keepalived-${host.number}.conf`);
    await writeFile(file, keepalivedConfiguration(host, wanted), { mode: 0o600 });
    const pid = (name: string): string => join(lab.directory, `${name}-${host.number}.pid`);
    const args = ['-n', '-l', '-D', '-P', '-f', file, '-p', pid('main'), '-r', pid('vrrp')];
    const child = spawn('ip', ['netns', 'exec', host.namespace, 'keepalived', ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const address = wanted.addresses?.[0] ?? vipOf[wanted.family ?? 'IPv4'];
    return new Keepalived(lab, host, address, lab.adopt(child));
  }

  state(): ReturnType<Peer['state']> {
    const line = this.log.findLast((one) => / Entering (MASTER|BACKUP|FAULT) STATE/.test(one));
    if (line?.includes('MASTER')) return 'active';
    if (line?.includes('BACKUP')) return 'backup';
    return line ? 'fault' : 'initialize';
  }

  async whenState(state: 'backup' | 'active' | 'fault', withinMs = 10_000): Promise<void> {
    await until(
      () => this.state() === state,
      withinMs,
      () => this.log.slice(-12).join('\n'),
    );
  }

  async stop(): Promise<void> {
    await ended(this.#child, () => this.#child.kill('SIGTERM'));
  }

  async kill(): Promise<void> {
    // The child first: when its parent dies, it would say goodbye.
    for (const pid of this.#vrrpProcesses()) process.kill(pid, 'SIGKILL');
    await ended(this.#child, () => this.#child.kill('SIGKILL'));
    await dropAddress(this.#lab, this.host, this.#address);
  }

  freeze(): void {
    for (const pid of this.#vrrpProcesses()) process.kill(pid, 'SIGSTOP');
  }

  thaw(): void {
    for (const pid of this.#vrrpProcesses()) process.kill(pid, 'SIGCONT');
  }

  #vrrpProcesses(): readonly number[] {
    const { pid } = this.#child;
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
    return children.split(' ').filter(Boolean).map(Number);
  }
}

async function ended(child: ChildProcess, end: () => void): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = new Promise((resolve) => child.once('exit', resolve));
  end();
  await exit;
}

/** A machine without power holds nothing; its namespace would. */
async function dropAddress(lab: Lab, host: Host, address: string): Promise<void> {
  const prefixLength = address.includes(':') ? 64 : 24;
  const held = await lab.exec(host, 'ip', '-o', 'addr', 'show', 'to', address);
  if (held === '') return;
  await lab.exec(host, 'ip', 'addr', 'del', `${address}/${prefixLength}`, 'dev', 'eth0');
}

function ourSpec(wanted: Wanted): VirtualRouterSpec {
  const { family = 'IPv4', password, track } = wanted;
  const prefixLength = family === 'IPv4' ? 24 : 64;
  const padded = password === undefined ? undefined : Buffer.from(password.padEnd(8, '\0'));
  return {
    name: 'web',
    family,
    interface: 'eth0',
    vrid: wanted.vrid ?? 51,
    version: wanted.version ?? 3,
    priority: wanted.priority ?? 100,
    adverIntervalMs: wanted.adverIntervalMs ?? 100,
    preempt: !wanted.nopreempt,
    preemptDelayMs: 0,
    addresses: (wanted.addresses ?? [vipOf[family]]).map((address) => ({ address, prefixLength })),
    excludedAddresses: [],
    sourceAddress: undefined,
    unicastPeers: wanted.peers,
    password: padded,
    checksum: 'pseudo-header',
    syncGroup: undefined,
    trackInterfaces: track ? [track] : [],
    rivals: 'yield',
  };
}

function keepalivedConfiguration(host: Host, wanted: Wanted): string {
  const { family = 'IPv4', version = 3, peers, password, track } = wanted;
  const prefixLength = family === 'IPv4' ? 24 : 64;
  const block = (name: string, lines: readonly string[]): string =>
    `${name} {\n${lines.join('\n')}\n}`;
  return block('vrrp_instance web', [
    'state BACKUP',
    'interface eth0',
    `version ${version}`,
    `virtual_router_id ${wanted.vrid ?? 51}`,
    `priority ${wanted.priority ?? 100}`,
    `advert_int ${(wanted.adverIntervalMs ?? 100) / 1000}`,
    ...(wanted.nopreempt ? ['nopreempt'] : []),
    ...(peers ? [`unicast_src_ip ${host.address}`, block('unicast_peer', peers)] : []),
    ...(password ? [block('authentication', ['auth_type PASS', `auth_pass ${password}`])] : []),
    ...(track ? [block('track_interface', [`${track.name} weight ${track.weight}`])] : []),
    block(
      'virtual_ipaddress',
      (wanted.addresses ?? [vipOf[family]]).map((address) => `${address}/${prefixLength}`),
    ),
  ]);
}
