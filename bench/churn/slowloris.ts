import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { BenchContext } from '../bench.ts';
import { round } from '../statistics.ts';
import { textTable } from '../text-table.ts';
import { Load } from './load.ts';
import { host } from './manifest.ts';
import type { Outcome, Scenario } from './outcome.ts';
import { Scene, type ServedAddress } from './scene.ts';

/** A byte of a head on each of them so often. */
const dripEveryMs = 200;
/** Heads must be whole after ten seconds; then comes 408, and the connection lingers for a little. */
const longEnoughMs = 11_500;
/** For the bytes of their heads, and what a connection is made of. */
const barKiBEach = 32;

/** Thousands of clients that never end their heads: others are served, memory is bounded. */
export const slowloris: Scenario = { name: 'slowloris', run };

async function run({ quick, print }: BenchContext): Promise<Outcome> {
  await using scene = await Scene.start(2);
  const count = quick ? 500 : 4_000;
  const { address, port } = scene.ingressAddress;
  const load = new Load({ url: `http://${address}:${port}/`, host, connections: 16 });
  await delay(500);
  const before = await residentMiB(scene);
  using drips = new Drips(scene.ingressAddress, count);
  await delay(quick ? 1_500 : 8_000);
  const during = await residentMiB(scene);
  const open = count - drips.ended;
  if (!quick) await delay(longEnoughMs - 8_000);
  load.stop();
  const { succeeded, failed } = load;
  const kibEach = round(((during - before) * 1024) / count);
  print(`\n(f) ${count} connections that drip a byte of a head each ${dripEveryMs} ms`);
  print(
    textTable(
      ['open at once', 'refused in the end', 'MiB before', 'during', 'others answered', 'failed'],
      [[open, drips.ended, round(before), round(during), succeeded, failed.length]],
    ),
  );
  const failures = [...new Set(failed.map(({ reason }) => `another request failed: ${reason}`))];
  if (!quick && drips.ended < count) failures.push(`${count - drips.ended} were never cut`);
  const missed = kibEach > barKiBEach ? [`each took ${kibEach} KiB, the bar is ${barKiBEach}`] : [];
  return {
    figures: { count, open, ended: drips.ended, before, during, kibEach, answered: succeeded },
    failures,
    missed,
  };
}

/** Clients that send a head without an end. */
class Drips implements Disposable {
  /** Answered or closed by the other side. */
  ended: number = 0;
  readonly #sockets: Socket[] = [];
  readonly #timer: NodeJS.Timeout;

  constructor({ address, port }: ServedAddress, count: number) {
    for (let index = 0; index < count; index += 1) {
      const socket = connect({ host: address, port });
      socket.on('error', () => {});
      socket.once('close', () => {
        this.ended += 1;
      });
      socket.resume();
      socket.write(`GET / HTTP/1.1\r\nHost: ${host}\r\nX-Slow: `);
      this.#sockets.push(socket);
    }
    this.#timer = setInterval(() => {
      for (const socket of this.#sockets) if (socket.writable) socket.write('a');
    }, dripEveryMs);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    for (const socket of this.#sockets) socket.destroy();
  }
}

/** Of all workers together. */
async function residentMiB(scene: Scene): Promise<number> {
  const pids = await scene.daemon.workerPids();
  const kib = pids.map((pid) => {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? Number.NaN);
  });
  return kib.reduce((sum, one) => sum + one, 0) / 1024;
}
