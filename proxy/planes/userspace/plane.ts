import { setImmediate } from 'node:timers/promises';
import type { ApplyReport, ListenAddress, Plane } from '../../../controller/base/index.ts';
import type { ServiceDiff, ServicePort, ServiceTable } from '../../compile/table.ts';
import type { ServicePortActivity } from './activity.ts';
import { AddressClaims } from './address-claims.ts';
import type { PlaneContext } from './context.ts';
import { interfaceAddresses } from './node-addresses.ts';
import {
  defaultLimits,
  defaultNodePortAddresses,
  defaultTimeouts,
  type UserspacePlaneOptions,
} from './options.ts';
import { portMetricFamilies } from './port-metrics.ts';
import { ProblemBoard } from './problem-board.ts';
import { ServiceForwarder } from './service-forwarder.ts';
import { chooseTcpTransport, TcpSessionTable, type TcpTransport } from './tcp/index.ts';
import { UdpSessionTable } from './udp/index.ts';

/** How often idle sessions are looked for, and byte counts carried to the meter. */
const sweepMs = 1000;

/** Service ports changed in one turn of the event loop, a few milliseconds' worth. */
const batchSize = 256;

/** Serves Service traffic with sockets of this process. Its entry is `createUserspacePlane`. */
export class UserspacePlane implements Plane<ServiceTable, ServiceDiff> {
  readonly name = 'userspace';
  readonly #context: PlaneContext;
  readonly #forwarders = new Map<string, ServiceForwarder>();
  /** Of Service ports that are gone, while sessions are left. */
  readonly #retired = new Map<string, ServiceForwarder>();
  #table: ServiceTable = { generation: 0, ports: new Map() };
  #sweep: Disposable;

  constructor(options: UserspacePlaneOptions, transport: TcpTransport = chooseTcpTransport()) {
    const { clock, log, random } = options;
    const timeouts = { ...defaultTimeouts, ...options.timeouts };
    const limits = { ...defaultLimits, ...options.limits };
    this.#context = {
      clock,
      log,
      problems: new ProblemBoard(options.problems),
      random,
      timeouts,
      limits,
      transport,
      reusePort: options.reusePort ?? false,
      nodePortAddresses: options.nodePortAddresses ?? defaultNodePortAddresses,
      metrics: portMetricFamilies(options.meter),
      node: interfaceAddresses(clock),
      claims: new AddressClaims(),
      tcpSessions: new TcpSessionTable(limits.tcpSessions),
      udpSessions: new UdpSessionTable(limits.udpSessions, timeouts.udpIdleMs),
    };
    this.#sweep = clock.schedule(sweepMs, () => this.#sweepSessions());
    log.debug({ transport: transport.name }, 'userspace plane ready');
  }

  async apply(next: ServiceTable, diff: ServiceDiff | undefined): Promise<ApplyReport> {
    const { upserted, removed } =
      diff?.fromGeneration === this.#table.generation ? diff : difference(this.#table, next);
    this.#table = next;
    for (const key of removed) await this.#retire(key);
    const changed = upserted.map((port) => ({ port, forwarder: this.#forwarderOf(port) }));
    // All closing before any opening: an address may move from one Service to another.
    await inBatches(changed, ({ port, forwarder }) => forwarder.prepare(port));
    await inBatches(changed, ({ forwarder }) => forwarder.open());
    return { generation: next.generation, problems: this.#context.problems.all };
  }

  /**
   * TCP sessions end by themselves until the deadline, and are reset then. UDP has no end to wait
   * for: its sessions stop with their listeners, and clients ask again elsewhere.
   */
  async drain(deadlineMs: number): Promise<void> {
    const { tcpSessions, clock } = this.#context;
    for (const forwarder of this.#forwarders.values()) await forwarder.stopListening();
    await new Promise<void>((resolve) => {
      const deadline = clock.schedule(deadlineMs, resolve);
      tcpSessions.whenEmpty(() => {
        deadline[Symbol.dispose]();
        resolve();
      });
    });
    tcpSessions.abortAll();
  }

  addresses(): readonly ListenAddress[] {
    return [...this.#forwarders.values()].flatMap((forwarder) => forwarder.addresses());
  }

  /** What goes through each Service port now, also through those that are gone. */
  activity(): readonly ServicePortActivity[] {
    const all = [...this.#forwarders.values(), ...this.#retired.values()];
    return all.map((forwarder) => forwarder.activity());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#sweep[Symbol.dispose]();
    for (const forwarder of this.#forwarders.values()) await forwarder.stopListening();
    this.#context.tcpSessions.abortAll();
    for (const forwarder of this.#forwarders.values()) forwarder.dispose();
    for (const forwarder of this.#retired.values()) forwarder.dispose();
    this.#forwarders.clear();
    this.#retired.clear();
  }

  /** The forwarder that serves `port`; one that still has sessions is taken back into service. */
  #forwarderOf(port: ServicePort): ServiceForwarder {
    const known = this.#forwarders.get(port.key) ?? this.#retired.get(port.key);
    const forwarder = known ?? new ServiceForwarder(this.#context, port);
    this.#retired.delete(port.key);
    this.#forwarders.set(port.key, forwarder);
    return forwarder;
  }

  async #retire(key: string): Promise<void> {
    const forwarder = this.#forwarders.get(key);
    if (!forwarder) return;
    this.#forwarders.delete(key);
    await forwarder.retire();
    if (!forwarder.isOver) this.#retired.set(key, forwarder);
  }

  #sweepSessions(): void {
    const { clock, tcpSessions, udpSessions } = this.#context;
    const nowMs = clock.nowMs();
    tcpSessions.sweep(nowMs);
    udpSessions.expire(nowMs);
    for (const [key, forwarder] of this.#retired) if (forwarder.isOver) this.#retired.delete(key);
    this.#sweep = clock.schedule(sweepMs, () => this.#sweepSessions());
  }
}

/** Does `work` for all, in turns: thousands of changes must let traffic through in between. */
async function inBatches<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  for (let from = 0; from < all.length; from += batchSize) {
    if (from > 0) await setImmediate();
    await Promise.all(all.slice(from, from + batchSize).map(work));
  }
}

/** What changed between two tables. Ports that are the same object are the same. */
function difference(
  from: ServiceTable,
  to: ServiceTable,
): { readonly upserted: readonly ServicePort[]; readonly removed: readonly string[] } {
  const upserted = [...to.ports.values()].filter((port) => from.ports.get(port.key) !== port);
  const removed = [...from.ports.keys()].filter((key) => !to.ports.has(key));
  return { upserted, removed };
}
