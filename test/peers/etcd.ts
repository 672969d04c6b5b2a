import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { EtcdClient } from '../../controller/store/etcd/index.ts';

/** A free port on loopback, as far as one can know. */
async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address ? address.port : 0;
}

/** One member of Debian's etcd, on loopback, its data in a folder of its own. */
export class EtcdServer implements AsyncDisposable {
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #folder: string;

  private constructor(url: string, child: ChildProcess, folder: string) {
    this.url = url;
    this.#child = child;
    this.#folder = folder;
  }

  /** Starts a cluster of one, and waits until it answers. */
  static async start(): Promise<EtcdServer> {
    const [only] = await EtcdServer.startCluster(1);
    if (!only) throw new Error('no member');
    return only;
  }

  /** Starts the members of one cluster, and waits until each answers. */
  static async startCluster(size: number): Promise<readonly EtcdServer[]> {
    const peers: string[] = [];
    for (let n = 0; n < size; n += 1) peers.push(`http://127.0.0.1:${await freePort()}`);
    const cluster = peers.map((peer, n) => `m${n}=${peer}`).join(',');
    const members: EtcdServer[] = [];
    for (const [n, peer] of peers.entries()) {
      const folder = mkdtempSync(join(tmpdir(), 'portolan-etcd-'));
      const url = `http://127.0.0.1:${await freePort()}`;
      const args = ['--data-dir', folder, '--name', `m${n}`, '--logger', 'zap'];
      // Members that miss each other say so at length.
      args.push('--log-level', size === 1 ? 'error' : 'panic', '--unsafe-no-fsync');
      args.push('--listen-client-urls', url, '--advertise-client-urls', url);
      args.push('--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer);
      args.push('--initial-cluster', cluster);
      const child = spawn('etcd', args, { stdio: ['ignore', 'ignore', 'inherit'] });
      members.push(new EtcdServer(url, child, folder));
    }
    try {
      await Promise.all(members.map((member) => member.#answers()));
      return members;
    } catch (error) {
      await Promise.all(members.map((member) => member[Symbol.asyncDispose]()));
      throw error;
    }
  }

  /** Stops it from answering, as a hung machine would; `resume` ends that. */
  pause(): void {
    this.#child.kill('SIGSTOP');
  }

  resume(): void {
    this.#child.kill('SIGCONT');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      this.#child.kill('SIGKILL');
      await once(this.#child, 'exit');
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #answers(): Promise<void> {
    await using client = new EtcdClient({ endpoints: [this.url] });
    const end = performance.now() + 20_000;
    for (;;) {
      try {
        await client.call('/v3/kv/range', { key: 'AA==' });
        return;
      } catch (error) {
        if (performance.now() > end) throw error;
        await delay(20);
      }
    }
  }
}
