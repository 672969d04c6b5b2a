import type { Clock, ListenAddress, Log } from '../../../controller/base/index.ts';
import type { IPFamily } from '../../../controller/objects/index.ts';
import type { ServicePort } from '../../compile/table.ts';
import type { ServicePortActivity } from './activity.ts';
import type { Binding, BoundListener } from './binding.ts';
import type { PlaneContext } from './context.ts';
import { EndpointPool } from './endpoint-pool.ts';
import { type ListenPoint, type ListenRole, listenPlan } from './listen-plan.ts';
import type { UserspaceTimeouts } from './options.ts';
import { PortListeners } from './port-listeners.ts';
import { PortMetrics } from './port-metrics.ts';
import { type EndpointScope, judgeSource } from './source-policy.ts';
import { SourceRanges } from './source-ranges.ts';
import { TcpSession, type TcpSessionHost, type TcpStream, type TcpTransport } from './tcp/index.ts';
import { UdpFront, type UdpSessionHost, type UdpSessionTable } from './udp/index.ts';

const nothing: ReadonlyMap<string, ListenPoint> = new Map();

/**
 * Serves one Service port: keeps its listeners as its plan wants them, admits clients, and hands
 * them to sessions. TCP sessions outlive their listener, and even the Service port itself.
 */
export class ServiceForwarder implements TcpSessionHost, UdpSessionHost {
  readonly key: string;
  readonly family: IPFamily;
  readonly clock: Clock;
  readonly log: Log;
  readonly timeouts: UserspaceTimeouts;
  readonly transport: TcpTransport;
  readonly udpSessions: UdpSessionTable;
  readonly pool: EndpointPool;
  readonly metrics: PortMetrics;
  readonly #context: PlaneContext;
  readonly #listeners: PortListeners;
  readonly #sessions = new Set<TcpSession>();
  #cutOffs: Set<Disposable> | undefined = undefined;
  #port: ServicePort;
  /** Between the two halves of a change alone: most of many ports are idle, and memory counts. */
  #plan = nothing;
  #ranges: SourceRanges | undefined = undefined;
  #retired = false;

  constructor(context: PlaneContext, port: ServicePort) {
    this.#context = context;
    this.#port = port;
    this.key = port.key;
    this.family = port.family;
    this.clock = context.clock;
    this.log = context.log;
    this.timeouts = context.timeouts;
    this.transport = context.transport;
    this.udpSessions = context.udpSessions;
    this.pool = new EndpointPool(context.clock, context.random);
    this.metrics = new PortMetrics(context.metrics, port);
    this.#listeners = new PortListeners({
      clock: context.clock,
      claims: context.claims,
      listen: (binding) => this.#listen(binding),
      changed: () => this.#reportProblems(),
    });
  }

  /** True once it is retired and its last session has ended: nothing of it is left. */
  get isOver(): boolean {
    return this.#retired && this.#sessions.size === 0;
  }

  /** First half of a change: everything but opening addresses, which others may still hold. */
  async prepare(port: ServicePort): Promise<void> {
    this.#port = port;
    this.#retired = false;
    const ranges = port.loadBalancerSourceRanges;
    this.#ranges = ranges.length > 0 ? new SourceRanges(ranges) : undefined;
    this.pool.update(port);
    this.#plan =
      port.protocol === 'SCTP' ? nothing : listenPlan(port, this.#context.nodePortAddresses);
    await this.#listeners.close(port, this.#plan);
    this.#cutOffLater();
  }

  /** Second half: opens what is missing, and reports what can't be opened. */
  async open(): Promise<void> {
    await this.#listeners.open(this.#port, this.#plan);
    this.#plan = nothing;
    this.#reportProblems();
  }

  /** The Service port is gone: takes no new clients; TCP sessions go on to their own end. */
  async retire(): Promise<void> {
    await this.prepare({ ...this.#port, clusterEndpoints: [], localEndpoints: [] });
    this.#context.problems.replace(this.#problemSource, []);
    this.#retired = true;
    if (this.isOver) this.#end();
  }

  /** Closes the listeners and leaves the rest as it is: the daemon is about to stop. */
  async stopListening(): Promise<void> {
    await this.#listeners.close(this.#port, nothing);
  }

  /** Withdraws its problems, and nothing of it fires any more. */
  dispose(): void {
    for (const cutOff of this.#cutOffs ?? []) cutOff[Symbol.dispose]();
    this.#cutOffs = undefined;
    this.#context.problems.replace(this.#problemSource, []);
  }

  addresses(): readonly ListenAddress[] {
    return this.#listeners.addresses(this.#port);
  }

  activity(): ServicePortActivity {
    const endpoints = this.pool.activity();
    const active = endpoints.reduce((sum, endpoint) => sum + endpoint.active, 0);
    return { key: this.key, active, endpoints };
  }

  /** From a session: it has ended. */
  closed(session: TcpSession): void {
    this.#sessions.delete(session);
    this.#context.tcpSessions.remove(session);
    this.metrics.closed();
    if (this.isOver) this.#end();
  }

  get #problemSource(): string {
    return `proxy/userspace/${this.key}`;
  }

  #listen(binding: Binding): Promise<BoundListener> {
    const { host, port } = binding.point;
    const { reusePort, transport } = this.#context;
    if (this.#port.protocol === 'UDP') {
      const admit = (clientIP: string) => this.#admit(binding.point.role, clientIP);
      return UdpFront.listen(this, { host, port, reusePort, admit });
    }
    return transport.listen({
      host,
      port,
      family: this.family,
      reusePort,
      onStream: (stream) => this.#accept(stream, binding.point.role),
      onShed: (code) => {
        this.metrics.rejected('resources');
        this.log.debug({ service: this.key, code }, 'connection lost before it was accepted');
      },
    });
  }

  #accept(client: TcpStream, role: ListenRole): void {
    const { tcpSessions, limits } = this.#context;
    if (tcpSessions.isFull || this.#sessions.size >= limits.tcpSessionsPerPort) {
      this.metrics.rejected('session-limit');
      client.reset();
      return;
    }
    const clientIP = client.remoteAddress;
    const scope = this.#admit(role, clientIP);
    if (scope === undefined) {
      client.reset();
      return;
    }
    const session = new TcpSession(this, client);
    this.#sessions.add(session);
    tcpSessions.add(session);
    this.metrics.opened();
    session.start(scope, clientIP);
  }

  #admit(role: ListenRole, clientIP: string): EndpointScope | undefined {
    const verdict = judgeSource(this.#port, role, clientIP, this.#ranges, this.#context.node);
    if (verdict !== 'outside-source-ranges') return verdict;
    this.metrics.rejected(verdict);
    return undefined;
  }

  /** Gives sessions on endpoints that have just gone their deadline, if there is one. */
  #cutOffLater(): void {
    const { removedEndpointMs } = this.timeouts;
    if (removedEndpointMs === Infinity) return;
    const gone = [...this.#sessions].filter((session) => this.#isOnRemoved(session));
    if (gone.length === 0) return;
    const cutOff = this.clock.schedule(removedEndpointMs, () => {
      this.#cutOffs?.delete(cutOff);
      // An endpoint that has come back meanwhile keeps its sessions.
      for (const session of gone) if (this.#isOnRemoved(session)) session.abort();
    });
    this.#cutOffs ??= new Set();
    this.#cutOffs.add(cutOff);
  }

  #isOnRemoved({ endpointId }: TcpSession): boolean {
    return endpointId !== undefined && !this.pool.has(endpointId);
  }

  #reportProblems(): void {
    this.#context.problems.replace(this.#problemSource, this.#listeners.problems(this.#port));
  }

  #end(): void {
    this.dispose();
    this.metrics.unbind();
  }
}
