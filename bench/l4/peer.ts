import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { endWithUs } from '../leftovers.ts';
import { until } from '../until.ts';

/** A server in the foreground that another program than ours provides. */
export class Peer implements AsyncDisposable {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** Starts `command` and waits until it answers on `address`. @throws Error if it does not */
  static async start(command: readonly string[], address: Address): Promise<Peer> {
    const [file = '', ...args] = command;
    const child = spawn(file, args, { stdio: ['ignore', 'ignore', 'inherit'] });
    endWithUs(child);
    let failed: string | undefined;
    child.once('error', (error) => {
      failed = `${error.message}: needs the Debian packages haproxy, nginx, wrk and util-linux`;
    });
    child.once('exit', (status) => {
      failed ??= `${command.join(' ')} ended with status ${status}`;
    });
    await until(`${file} on ${address.host}:${address.port}`, () => {
      if (failed !== undefined) throw new Error(failed);
      return accepts(address);
    });
    return new Peer(child);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await ended;
  }
}

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** A loopback address with a port that was free a moment ago. */
export async function freeAddress(): Promise<Address> {
  const host = '127.0.0.1';
  const server = createServer().listen(0, host);
  await once(server, 'listening');
  const bound = server.address();
  server.close();
  if (bound === null || typeof bound === 'string') throw new Error('no free port');
  return { host, port: bound.port };
}

async function accepts({ host, port }: Address): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect({ host, port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
