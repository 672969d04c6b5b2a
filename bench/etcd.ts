import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { endWithUs, temporaryFolder } from './leftovers.ts';
import { until } from './until.ts';

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address ? address.port : 0;
}

/** Debian's etcd, one member on loopback, which syncs each write to the disk as it does. */
export class BenchEtcd implements AsyncDisposable {
  readonly url: string;
  readonly #end: () => Promise<void>;

  private constructor(url: string, end: () => Promise<void>) {
    this.url = url;
    this.#end = end;
  }

  static async start(): Promise<BenchEtcd> {
    const folder = temporaryFolder();
    const url = `http://127.0.0.1:${await freePort()}`;
    const peer = `http://127.0.0.1:${await freePort()}`;
    const args = ['--data-dir', join(folder.path, 'etcd'), '--name', 'one', '--log-level', 'error'];
    args.push('--logger', 'zap', '--listen-client-urls', url, '--advertise-client-urls', url);
    args.push('--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer);
    const child = spawn('etcd', [...args, '--initial-cluster', `one=${peer}`], { stdio: 'ignore' });
    endWithUs(child);
    await until('etcd answers', async () =>
      fetch(`${url}/health`).then(
        ({ ok }) => ok,
        () => false,
      ),
    );
    return new BenchEtcd(url, async () => {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGKILL');
        await once(child, 'exit');
      }
      folder[Symbol.dispose]();
    });
  }

  /** One value under one key. @throws Error when it is refused */
  async put(key: string, value: string): Promise<void> {
    const body = JSON.stringify({ key: btoa(key), value: btoa(value) });
    const answer = await fetch(`${this.url}/v3/kv/put`, { method: 'POST', body });
    if (!answer.ok) throw new Error(`etcd answered ${answer.status}`);
    await answer.arrayBuffer();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end();
  }
}
