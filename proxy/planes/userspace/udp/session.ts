import { createSocket, type Socket } from 'node:dgram';
import type { Clock, Log } from '../../../../controller/base/index.ts';
import type { IPFamily } from '../../../../controller/objects/index.ts';
import type { Choice, EndpointPool } from '../endpoint-pool.ts';
import type { PortMetrics } from '../port-metrics.ts';
import type { EndpointScope } from '../source-policy.ts';
import { literalLookup } from './literal-lookup.ts';
import type { UdpSessionTable } from './session-table.ts';

/** What a session needs of the Service port that it belongs to. */
export interface UdpSessionHost {
  /** `ServicePort.key`, for the log. */
  readonly key: string;
  readonly family: IPFamily;
  readonly pool: EndpointPool;
  readonly clock: Clock;
  readonly metrics: PortMetrics;
  readonly log: Log;
  readonly udpSessions: UdpSessionTable;
}

/** The client's side of a session. */
export interface UdpClient {
  readonly address: string;
  /** Where the client may be sent now; undefined, and counted, if nowhere. */
  admit(): EndpointScope | undefined;
  /** Sends from the address that the client asked. */
  reply(payload: Buffer): void;
  /** The session has ended. */
  closed(session: UdpSession): void;
}

/** Datagrams kept while the socket is being connected, which takes one tick: a burst's worth. */
const maxHeld = 32;

/**
 * One client of one listen address, tied to one endpoint by a connected socket, so that the
 * kernel accepts answers from there alone and tells when nobody listens. The tie is renewed by
 * the next datagram when the endpoint has left the table or refused.
 */
export class UdpSession {
  /** Kept by the table. */
  lastUsedMs = 0;
  readonly #host: UdpSessionHost;
  readonly #client: UdpClient;
  readonly #refused = new Set<string>();
  #choice: Choice | undefined = undefined;
  #upstream: Socket | undefined = undefined;
  #held: Buffer[] | undefined = undefined;
  #closed = false;

  constructor(host: UdpSessionHost, client: UdpClient) {
    this.#host = host;
    this.#client = client;
    host.metrics.opened();
  }

  /** Sends on one datagram, first choosing an endpoint if there is none or it has gone. */
  forward(payload: Buffer): void {
    if (this.#choice && !this.#host.pool.has(this.#choice.target.id)) this.#leaveEndpoint();
    if (!this.#upstream && !this.#chooseEndpoint()) return;
    this.#host.metrics.moved(payload.length, 0);
    if (this.#held === undefined) this.#send(payload);
    else if (this.#held.length < maxHeld) this.#held.push(payload);
    else this.#host.metrics.rejected('queue-full');
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#leaveEndpoint();
    this.#host.udpSessions.remove(this);
    this.#host.metrics.closed();
    this.#client.closed(this);
  }

  #chooseEndpoint(): boolean {
    const scope = this.#client.admit();
    if (scope === undefined) return false;
    const { pool, metrics } = this.#host;
    let choice = pool.choose(scope, this.#client.address, this.#refused);
    if (!choice) {
      // All have refused: they may be back, and trying costs one datagram.
      this.#refused.clear();
      choice = pool.choose(scope, this.#client.address);
    }
    if (!choice) {
      metrics.rejected('no-endpoint');
      return false;
    }
    pool.started(choice);
    this.#choice = choice;
    this.#connect(choice);
    return true;
  }

  #connect({ target }: Choice): void {
    const { family } = this.#host;
    this.#held = [];
    const type = family === 'IPv6' ? 'udp6' : 'udp4';
    const socket = createSocket({ type, lookup: literalLookup });
    this.#upstream = socket;
    socket.on('connect', () => this.#connected(socket));
    socket.on('message', (payload) => this.#answered(socket, payload));
    socket.on('error', (error: NodeJS.ErrnoException) => this.#failed(socket, error));
    socket.connect(target.port, target.address);
  }

  #connected(socket: Socket): void {
    if (socket !== this.#upstream) return;
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const payload of held) this.#send(payload);
  }

  #send(payload: Buffer): void {
    const socket = this.#upstream;
    // The error of a datagram is told with the next one, which is lost then: UDP may do that.
    socket?.send(payload, (error) => {
      if (error) this.#failed(socket, error);
    });
  }

  #answered(socket: Socket, payload: Buffer): void {
    if (socket !== this.#upstream) return;
    this.#refused.clear();
    this.#host.udpSessions.touch(this, this.#host.clock.nowMs());
    this.#host.metrics.moved(0, payload.length);
    this.#client.reply(payload);
  }

  /** ICMP port unreachable, as ECONNREFUSED, or no route: the next datagram goes elsewhere. */
  #failed(socket: Socket, error: NodeJS.ErrnoException): void {
    if (socket !== this.#upstream || !this.#choice) return;
    const { key: service, pool, metrics, log } = this.#host;
    const { id } = this.#choice.target;
    log.debug({ service, endpoint: id, code: error.code }, 'endpoint refused a datagram');
    metrics.connectFailed();
    pool.failed(this.#choice, this.#client.address);
    this.#leaveEndpoint();
    this.#refused.add(id);
  }

  #leaveEndpoint(): void {
    this.#upstream?.close();
    this.#upstream = undefined;
    this.#held = undefined;
    if (this.#choice) this.#host.pool.ended(this.#choice);
    this.#choice = undefined;
  }
}
