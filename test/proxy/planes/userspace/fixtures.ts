import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { seededRandom, silentLog } from '../../../../controller/base/index.ts';
import type { Endpoint, ServicePort } from '../../../../proxy/compile/table.ts';
import type { UserspacePlaneOptions } from '../../../../proxy/planes/userspace/index.ts';
import { UserspacePlane } from '../../../../proxy/planes/userspace/plane.ts';
import { HandleTransport } from '../../../../proxy/planes/userspace/tcp/handle-transport.ts';
import { loadNodeTcpBinding } from '../../../../proxy/planes/userspace/tcp/node-binding.ts';
import { SocketTransport } from '../../../../proxy/planes/userspace/tcp/socket-transport.ts';
import type { TcpTransport } from '../../../../proxy/planes/userspace/tcp/transport.ts';
import { FakeClock } from '../../../fakes/clock.ts';
import { MemoryMeter } from '../../../fakes/meter.ts';
import { ProblemBook } from '../../../fakes/problems.ts';

/** A TCP port `default/web` that nothing reaches: tests name what they need. */
export function servicePort(fields: Partial<ServicePort> = {}): ServicePort {
  const { namespace = 'default', name = 'web', portName = '' } = fields;
  const { protocol = 'TCP', family = 'IPv4' } = fields;
  return {
    key: `${namespace}/${name}:${portName}/${protocol}/${family}`,
    namespace,
    name,
    portName,
    protocol,
    family,
    clusterIP: undefined,
    port: 0,
    nodePort: 0,
    externalIPs: [],
    loadBalancerIPs: [],
    loadBalancerSourceRanges: [],
    internalPolicy: 'Cluster',
    externalPolicy: 'Cluster',
    affinity: { kind: 'None' },
    algorithm: 'round-robin',
    clusterEndpoints: [],
    localEndpoints: [],
    hasAnyEndpoint: true,
    unusedEndpoints: [],
    healthCheckNodePort: 0,
    localReadyCount: 0,
    ...fields,
  };
}

export function endpoint(address: string, port: number, fields: Partial<Endpoint> = {}): Endpoint {
  return { address, port, weight: 1, local: false, terminating: false, ...fields };
}

let addressesGiven = 0;

/** A loopback address that no other test of this process has; other processes have other nets. */
export function loopbackAddress(): string {
  addressesGiven += 1;
  const net = 64 + (process.pid % 64);
  return `127.${net}.${(process.pid >> 6) & 255}.${addressesGiven}`;
}

/** A port that was free on `host` a moment ago. */
export async function freePort(host: string): Promise<number> {
  const server = createServer().listen(0, host);
  await once(server, 'listening');
  const { port } = addressOf(server);
  server.close();
  await once(server, 'close');
  return port;
}

export function addressOf(server: Server): { readonly address: string; readonly port: number } {
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('not listening on TCP');
  return bound;
}

/** A plane under test with everything it reports to. */
export interface Lab extends AsyncDisposable {
  readonly plane: UserspacePlane;
  readonly clock: FakeClock;
  readonly meter: MemoryMeter;
  readonly problems: ProblemBook;
  /** Makes these the whole table, without a diff. */
  apply(...ports: readonly ServicePort[]): Promise<void>;
  /** Where the only listener, or that on `host`, is. */
  listener(host?: string): { readonly host: string; readonly port: number };
}

export function startLab(
  options: Partial<UserspacePlaneOptions> & { readonly transport?: TcpTransport } = {},
): Lab {
  const clock = new FakeClock();
  const meter = new MemoryMeter();
  const problems = new ProblemBook();
  const random = seededRandom(1);
  const { transport, ...rest } = options;
  const plane = new UserspacePlane(
    { log: silentLog, clock, meter, problems, random, ...rest },
    transport,
  );
  let generation = 0;
  return {
    plane,
    clock,
    meter,
    problems,
    async apply(...ports) {
      generation += 1;
      const table = new Map(ports.map((port) => [port.key, port]));
      await plane.apply({ generation, ports: table }, undefined);
    },
    listener(host) {
      const found = plane.addresses().find((at) => host === undefined || at.host === host);
      if (!found) throw new Error('the plane does not listen there');
      return found;
    },
    [Symbol.asyncDispose]: () => plane[Symbol.asyncDispose](),
  };
}

/** Both transports, so that the fallback is held to the same promises. */
export function bothTransports(): readonly TcpTransport[] {
  const binding = loadNodeTcpBinding();
  if (!binding)
    throw new Error('this Node has no known TCP binding: the fast transport is untested');
  return [new HandleTransport(binding), new SocketTransport()];
}

/** A TCP endpoint: what it does with each connection is the test's. */
export interface Backend extends AsyncDisposable {
  readonly endpoint: Endpoint;
  readonly accepted: readonly Socket[];
}

export async function startBackend(
  serve: (socket: Socket) => void,
  { host = '127.0.0.1', ...fields }: { host?: string } & Partial<Endpoint> = {},
): Promise<Backend> {
  const accepted: Socket[] = [];
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    accepted.push(socket);
    socket.on('error', () => {}); // resets are part of many cases; clients tell what came of them
    serve(socket);
  });
  server.listen(0, host);
  await once(server, 'listening');
  const { address, port } = addressOf(server);
  return {
    endpoint: endpoint(address, port, fields),
    accepted,
    async [Symbol.asyncDispose]() {
      server.close();
      for (const socket of accepted) socket.destroy();
      await once(server, 'close');
    },
  };
}

/** Answers each connection with its name, and ends it. */
export function startNamed(name: string, fields: Partial<Endpoint> = {}): Promise<Backend> {
  return startBackend((socket) => socket.resume().end(name), fields);
}

/** Sends back what it gets, FIN included. */
export function startEcho(fields: { host?: string } & Partial<Endpoint> = {}): Promise<Backend> {
  return startBackend((socket) => socket.pipe(socket), fields);
}

/** An endpoint whose port nobody listens on. */
export async function refusing(): Promise<Endpoint> {
  const address = loopbackAddress();
  return endpoint(address, await freePort(address));
}

export interface ClientOptions {
  readonly from?: string;
}

/** Connects; rejects with the errno name if that fails. */
export async function dialClient(
  { host, port }: { readonly host: string; readonly port: number },
  { from }: ClientOptions = {},
): Promise<Socket> {
  const socket = connect({
    host,
    port,
    allowHalfOpen: true,
    ...(from === undefined ? {} : { localAddress: from }),
  });
  await once(socket, 'connect');
  return socket;
}

/**
 * What a whole conversation came to: the bytes until FIN, or the errno name that cut it. A refusal
 * and a reset are told apart by their codes.
 */
export async function converse(
  at: { readonly host: string; readonly port: number },
  request: string = '',
  options: ClientOptions = {},
): Promise<string> {
  try {
    const socket = await dialClient(at, options);
    socket.end(request);
    return (await readAll(socket)).toString();
  } catch (error) {
    return codeOf(error);
  }
}

/** Everything until FIN. Rejects if the connection is cut. */
export async function readAll(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** The errno name of a socket's end, or `closed` if it ended in peace. */
export async function endOf(socket: Socket): Promise<string> {
  let code = 'closed';
  socket.on('error', (error) => {
    code = codeOf(error);
  });
  socket.resume();
  if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve));
  return code;
}

export function codeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error) return String(error.code);
  throw error;
}

/** Lets the loop turn until `condition` holds; the runner's own timeout is the deadline. */
export async function until(condition: () => boolean): Promise<void> {
  const deadlineMs = performance.now() + 30_000;
  while (!condition()) {
    // Only a failing test comes here; without it the process would never end.
    if (performance.now() > deadlineMs) throw new Error('what was waited for never came');
    await new Promise((resolve) => setImmediate(resolve));
  }
}
