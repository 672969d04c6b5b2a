import { once } from 'node:events';
import { createServer, type Server, type Socket, connect } from 'node:net';
import { test } from 'node:test';
import { seededRandom, silentLog, systemClock } from '../../../../controller/base/index.ts';
import {
  type EngineOptions,
  createCompatEngine,
  type PoolEndpoint,
  type RouteTable,
} from '../../../../ingress/index.ts';
import { MemoryMeter } from '../../../fakes/meter.ts';
import { ProblemBook } from '../../../fakes/problems.ts';
import { host, pool, route, table, toPool } from './table.ts';

let createEngine: typeof createCompatEngine = createCompatEngine;

/** Has every rig of this process run another engine: one set of tests for all of them. */
export function rigWith(create: typeof createCompatEngine): void {
  createEngine = create;
}

/** Where engines differ: a test of one of them, and why the others need not pass it. */
export function testOnly(
  create: typeof createCompatEngine,
  name: string,
  why: string,
  body: () => Promise<void>,
): void {
  if (createEngine === create) test(`${name}: others differ, since ${why}`, body);
}

/** An engine that listens, with the fakes that it reports to. */
export interface Rig extends AsyncDisposable {
  readonly engine: ReturnType<typeof createCompatEngine>;
  readonly meter: MemoryMeter;
  readonly problems: ProblemBook;
  readonly port: number;
  readonly httpsPort: number;
  /** Resolves once a metric series has a value. */
  readonly has: (series: string) => Promise<void>;
}

/** Starts an engine on free loopback ports. */
export async function startRig(first: RouteTable, over: Partial<EngineOptions> = {}): Promise<Rig> {
  const meter = new MemoryMeter();
  const problems = new ProblemBook();
  const engine = createEngine({
    http: { host: '127.0.0.1', port: 0 },
    https: undefined,
    log: silentLog,
    meter,
    clock: systemClock,
    random: seededRandom(1),
    problems,
    reusePort: false,
    ...over,
  });
  await engine.apply(first, undefined);
  const portOf = (name: string): number =>
    engine.addresses().find((one) => one.name === name)?.port ?? 0;
  return {
    engine,
    meter,
    problems,
    port: portOf('http'),
    httpsPort: portOf('https'),
    has: async (series) => {
      // Bounded by the runner's timeout for each test.
      while (!meter.values.get(series)) await new Promise((resolve) => setImmediate(resolve));
    },
    [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
  };
}

/** A table with one host, `app.test`, all of whose paths go to these endpoints. */
export function appTable(...endpoints: readonly PoolEndpoint[]): RouteTable {
  return table([host('app.test', [route('/', toPool('app'))])], [pool('app', endpoints)]);
}

/** One connection that a raw upstream got. */
export interface Received {
  readonly socket: Socket;
  /** Everything that came so far, as latin1. */
  readonly text: () => string;
  /** Resolves once the text holds `part`. */
  readonly has: (part: string) => Promise<void>;
  /** The other side has ended it, or cut it. */
  readonly closed: Promise<unknown>;
}

/** An upstream that records bytes and writes what the test tells it to. */
export class RawUpstream implements AsyncDisposable {
  readonly connections: Received[] = [];
  readonly #server: Server;
  readonly #arrived: (() => void)[] = [];

  /** `onData` is called with each connection whenever bytes came. */
  constructor(onData: (received: Received) => void = () => {}) {
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      const received = receive(socket, (one) => onData(one));
      this.connections.push(received);
      for (const wake of this.#arrived.splice(0)) wake();
    });
  }

  async listen(port: number = 0): Promise<PoolEndpoint> {
    this.#server.listen(port, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('not a TCP server');
    return { address: '127.0.0.1', port: address.port, weight: 1 };
  }

  /** The connection number `index`, when it is there. */
  async connection(index: number): Promise<Received> {
    for (;;) {
      const found = this.connections[index];
      if (found) return found;
      await new Promise<void>((resolve) => this.#arrived.push(resolve));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { socket } of this.connections) socket.destroy();
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    await closed;
  }
}

function receive(socket: Socket, onData: (received: Received) => void): Received {
  let text = '';
  const waiting = new Set<() => void>();
  const received: Received = {
    socket,
    text: () => text,
    closed: new Promise((resolve) => socket.once('end', resolve).once('close', resolve)),
    has: (part) =>
      new Promise((resolve, reject) => {
        const check = (): void => {
          if (!text.includes(part)) return;
          waiting.delete(check);
          resolve();
        };
        waiting.add(check);
        socket.once('close', () => reject(new Error(`closed without "${part}": ${text}`)));
        check();
      }),
  };
  socket.on('error', () => {});
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
    for (const check of waiting) check();
    onData(received);
  });
  return received;
}

/** A client on a raw socket: what it sends is exactly what is written. */
export function rawClient(port: number): Received {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  return receive(socket, () => {});
}

/** Sends bytes, and gives everything that came until the engine closed the connection. */
export async function exchange(port: number, ...parts: readonly string[]): Promise<string> {
  const client = rawClient(port);
  for (const part of parts) client.socket.write(part, 'latin1');
  await client.closed;
  return client.text();
}

/** Request text with CRLFs; the head ends by itself. */
export function get(path: string, ...headers: readonly string[]): string {
  return [`GET ${path} HTTP/1.1`, 'Host: app.test', ...headers, '', ''].join('\r\n');
}

/** A response with a length. */
export function ok(body: string, ...headers: readonly string[]): string {
  return ['HTTP/1.1 200 OK', `Content-Length: ${body.length}`, ...headers, '', body].join('\r\n');
}

/** Parts of a response text. */
export function parse(text: string): { status: number; head: string; body: string } {
  const end = text.indexOf('\r\n\r\n');
  return {
    status: Number(text.slice(9, 12)),
    head: text.slice(0, end),
    body: text.slice(end + 4),
  };
}
