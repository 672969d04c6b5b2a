import { isIPv6 } from 'node:net';
import type { StreamOwner, TcpStream } from '../../../proxy/planes/userspace/tcp/transport.ts';
import { Deadline, Output } from '../../transport/index.ts';
import type { BalancedPool, EndpointTarget } from '../shared/balanced-pools.ts';
import type { WireContext } from './context.ts';

/** What a passed-through connection belongs to. */
export interface PassthroughHome {
  readonly context: WireContext;
  readonly transport: {
    connect(address: string, port: number, family: 'IPv4' | 'IPv6', owner: StreamOwner): TcpStream;
  };
  closed(connection: Passthrough): void;
}

/** What is known of a connection that is passed through. */
export interface PassthroughBeginning {
  /** Read from the client already. */
  readonly first: Buffer;
  readonly clientIP: string;
}

/**
 * A client's connection joined to an endpoint's, bytes unread: TLS that somebody else ends. One
 * endpoint after the other is tried until one answers, since nothing has been sent before.
 */
export class Passthrough {
  readonly #home: PassthroughHome;
  readonly #pool: BalancedPool;
  readonly #client: TcpStream;
  readonly #clientOutput: Output;
  readonly #clientIP: string;
  readonly #first: Buffer;
  readonly #deadline: Deadline;
  readonly #tried = new Set<string>();
  #endpoint: EndpointTarget | undefined = undefined;
  #upstream: TcpStream | undefined = undefined;
  #upstreamOutput: Output | undefined = undefined;
  #ends = 0;
  #isOver = false;

  constructor(
    home: PassthroughHome,
    pool: BalancedPool,
    client: TcpStream,
    { first, clientIP }: PassthroughBeginning,
  ) {
    this.#home = home;
    this.#pool = pool;
    this.#client = client;
    this.#clientOutput = new Output(client);
    this.#clientIP = clientIP;
    this.#first = first;
    this.#deadline = new Deadline(this);
    client.owner = this.#side(
      () => this.#upstreamOutput,
      () => this.#upstream,
      client,
    );
    this.#connect();
  }

  /** Cuts both sides. */
  cut(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#home.context.wheel.clear(this.#deadline);
    this.#client.reset();
    this.#upstream?.reset();
    if (this.#endpoint) this.#pool.balancer.ended(this.#endpoint.id);
    this.#home.closed(this);
  }

  /** A tunnel is never idle: what it carries is not for us to know. */
  closeIfIdle(): void {}

  expired(): void {
    if (this.#upstreamOutput) this.cut();
    else this.#failed();
  }

  #connect(): void {
    const { wheel, timeouts, limits } = this.#home.context;
    const endpoint =
      this.#tried.size < limits.tries
        ? this.#pool.balancer.pick({ clientIP: this.#clientIP, exclude: this.#tried })
        : undefined;
    this.#endpoint = endpoint;
    if (!endpoint) {
      this.cut();
      return;
    }
    this.#tried.add(endpoint.id);
    this.#pool.balancer.started(endpoint.id);
    wheel.set(this.#deadline, timeouts.connectMs);
    const { address, port } = endpoint;
    const upstream = this.#home.transport.connect(
      address,
      port,
      isIPv6(address) ? 'IPv6' : 'IPv4',
      {
        connected: () => this.#connected(upstream),
        failed: () => this.#failed(),
        received() {},
        ended() {},
        drained() {},
      },
    );
    this.#upstream = upstream;
  }

  #connected(upstream: TcpStream): void {
    const { wheel, timeouts } = this.#home.context;
    const output = new Output(upstream);
    this.#upstreamOutput = output;
    upstream.owner = this.#side(
      () => this.#clientOutput,
      () => this.#client,
      upstream,
    );
    wheel.set(this.#deadline, timeouts.tunnelMs);
    output.write(this.#first, 0, this.#first.length);
    upstream.resume();
    this.#client.resume();
  }

  #failed(): void {
    const { pool, balancer } = this.#pool;
    this.#home.context.metrics.upstreamFailed(pool.namespace, pool.service, 'connect-failed');
    if (this.#endpoint) balancer.ended(this.#endpoint.id);
    this.#endpoint = undefined;
    this.#upstream?.reset();
    this.#connect();
  }

  /** What one side tells is for the other one. */
  #side(
    to: () => Output | undefined,
    other: () => TcpStream | undefined,
    from: TcpStream,
  ): StreamOwner {
    const { wheel, timeouts } = this.#home.context;
    return {
      connected() {},
      received: (_stream, buffer, length) => {
        wheel.set(this.#deadline, timeouts.tunnelMs);
        const output = to();
        output?.write(buffer, 0, length);
        if (output?.isBehind === true) from.pause();
      },
      ended: () => {
        this.#ends += 1;
        if (this.#ends === 2 || !this.#upstreamOutput) this.#closeOrCut();
        else other()?.end();
      },
      drained: () => {
        const own = from === this.#client ? this.#clientOutput : this.#upstreamOutput;
        own?.drained();
        if (this.#ends === 2) this.#closeOrCut();
        else if (own?.isBehind === false) other()?.resume();
      },
      failed: () => this.cut(),
    };
  }

  #closeOrCut(): void {
    if (this.#isOver || this.#ends < 2) {
      this.cut();
      return;
    }
    if (!this.#clientOutput.isIdle || this.#upstreamOutput?.isIdle === false) return;
    this.#client.close();
    this.#upstream?.close();
    this.cut();
  }
}
