import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom, silentLog, systemClock } from '../../../controller/base/index.ts';
import type { ServiceBundle } from '../../../controller/objects/index.ts';
import { createDnsPlane, type DnsPlane, ZoneCompiler } from '../../../dns/index.ts';
import { decodeMessage, type Message } from '../../../dns/wire/index.ts';
import { encodeQuery } from '../../dns/server-without-sockets.ts';
import { MemoryMeter } from '../../fakes/meter.ts';
import { ProblemBook } from '../../fakes/problems.ts';

/** A folder of its own, gone when disposed. */
export function temporaryFolder(): { readonly path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), 'portolan-dns-peer-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) };
}

/** A port that is free for TCP now. */
export async function freePort(): Promise<number> {
  await using server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}

/** Portolan's server on a Corefile, over real sockets. */
export async function portolan(
  corefile: string,
  services: readonly ServiceBundle[] = [],
): Promise<DnsPlane> {
  const plane = createDnsPlane({
    listen: [{ host: '127.0.0.1', port: 0 }],
    corefile,
    log: silentLog,
    meter: new MemoryMeter(),
    clock: systemClock,
    random: seededRandom(1),
    problems: new ProblemBook(),
  });
  const { table, diff } = new ZoneCompiler().update(
    {
      bundles: { upserted: services, removed: [] },
      namespaces: { upserted: [], removed: [] },
    },
    1,
  );
  await plane.apply(table, diff);
  return plane;
}

/** Port of one of its listeners. */
export function portOf(plane: DnsPlane, name: string = 'dns'): number {
  return plane.addresses().find((one) => one.name === name)?.port ?? 0;
}

/** Another DNS server, in the foreground. */
export class PeerServer implements AsyncDisposable {
  readonly port: number;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
  }

  /** Resolves once it answers `probe`. */
  static async start(
    command: readonly [string, ...string[]],
    port: number,
    probe: string,
  ): Promise<PeerServer> {
    const [file, ...args] = command;
    const child = spawn(file, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    let errors = '';
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (errors += chunk));
    const server = new PeerServer(child, port);
    for (let attempt = 0; attempt < 100; attempt += 1) {
      if (child.exitCode !== null) throw new Error(`${file} ended: ${errors}`);
      const answer = await ask(port, probe, 'SOA', 100);
      if (answer?.rcode === 0) return server;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await server[Symbol.asyncDispose]();
    throw new Error(`${file} does not answer: ${errors}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }
}

/** One question over UDP; undefined: no reply in time. */
export async function ask(
  port: number,
  name: string,
  type: Parameters<typeof encodeQuery>[1],
  timeoutMs = 5000,
): Promise<Message | undefined> {
  await using socket = createSocket('udp4');
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    socket.send(encodeQuery(name, type, { edns: {} }), port, '127.0.0.1');
    const [octets]: Buffer[] = await once(socket, 'message', { signal: timeout });
    return octets && decodeMessage(octets);
  } catch {
    return undefined;
  }
}
