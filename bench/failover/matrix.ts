import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Bed } from './bed.ts';
import { type Product, start } from './products.ts';

const pairings: readonly (readonly [first: Product, second: Product])[] = [
  ['portolan', 'portolan'],
  ['portolan', 'keepalived'],
  ['keepalived', 'portolan'],
  ['keepalived', 'keepalived'],
];

/** Longer than any of them should take; keepalived is known to leave clients lost after a heal. */
const patienceMs = 15_000;
const splitMs = 5000;

/** One event with one pairing: the higher priority first. */
export interface MatrixCell {
  readonly scenario: string;
  readonly pairing: string;
  /** Until the right node answers, in milliseconds; infinite: it did not in time. */
  readonly tookMs: number;
  /** How often the answering node changed while two held the address. */
  readonly flaps?: number;
}

/** What clients see of each event, for each pairing of ours and keepalived. */
export async function measureMatrix(intervalMs: number): Promise<readonly MatrixCell[]> {
  const cells: MatrixCell[] = [];
  for (const [first, second] of pairings) {
    using pair = new Pair(first, second, intervalMs);
    for await (const cell of pair.play()) cells.push({ ...cell, pairing: `${first}/${second}` });
  }
  return cells;
}

type Outcome = Omit<MatrixCell, 'pairing'>;

class Pair implements Disposable {
  readonly #bed = new Bed();
  readonly #kinds: readonly [Product, Product];
  readonly #intervalMs: number;

  constructor(first: Product, second: Product, intervalMs: number) {
    this.#kinds = [first, second];
    this.#intervalMs = intervalMs;
  }

  /** All scenarios one after another; each leaves the first node the holder, unless said. */
  async *play(): AsyncGenerator<Outcome> {
    const bed = this.#bed;
    await bed.serve();
    this.#start(2);
    await bed.answeredBy('2', 0, patienceMs);
    let first: ChildProcess | undefined;
    yield await this.#until('1', 'preemption', () => {
      first = this.#start(1);
    });
    await sleep(1000);
    yield await this.#until('2', 'graceful stop', () => {
      if (first) this.#stop(first);
    });
    // A second keepalived beside one that is ending would give up.
    if (first) await bed.end(first, 'SIGTERM');
    yield await this.#until('1', 'return', () => {
      first = this.#start(1);
    });
    await sleep(1000);
    yield await this.#until('2', 'power cut', () => bed.connect(1, false));
    await sleep(1000);
    yield await this.#until('1', 'cut heals', () => bed.connect(1, true));
    await sleep(2000);
    yield await this.#until('2', 'frozen', () => this.#signal(first, 'SIGSTOP'));
    await sleep(1000);
    yield await this.#until('1', 'thawed', () => this.#signal(first, 'SIGCONT'));
    await sleep(2000);
    yield await this.#split();
  }

  [Symbol.dispose](): void {
    this.#bed[Symbol.dispose]();
  }

  /** The second node drops adverts that come in, as a firewall's default does; then no more. */
  async #split(): Promise<Outcome> {
    const bed = this.#bed;
    const before = bed.answers.length;
    bed.firewall(2, true);
    await sleep(splitMs);
    const flaps = bed.answers.length - before;
    const holder = bed.answers.at(-1)?.name;
    const healed = (): void => bed.firewall(2, false);
    if (holder !== '1') return { ...(await this.#until('1', 'adverts dropped', healed)), flaps };
    healed();
    return { scenario: 'adverts dropped', tookMs: 0, flaps };
  }

  async #until(name: string, scenario: string, act: () => void): Promise<Outcome> {
    const sinceMs = performance.timeOrigin + performance.now();
    act();
    try {
      const { atMs } = await this.#bed.answeredBy(name, sinceMs, patienceMs);
      return { scenario, tookMs: atMs - sinceMs };
    } catch {
      return { scenario, tookMs: Number.POSITIVE_INFINITY };
    }
  }

  #start(host: 1 | 2): ChildProcess {
    const product = this.#kinds[host - 1] ?? 'portolan';
    return start(this.#bed, product, host, host === 1 ? 200 : 100, this.#intervalMs);
  }

  #stop(child: ChildProcess): void {
    if (this.#kinds[0] === 'portolan') child.stdin?.end();
    else child.kill('SIGTERM');
  }

  /** keepalived speaks VRRP in a child of its own. */
  #signal(child: ChildProcess | undefined, signal: 'SIGSTOP' | 'SIGCONT'): void {
    if (this.#kinds[0] === 'portolan') child?.kill(signal);
    else for (const pid of childrenOf(child?.pid)) process.kill(pid, signal);
  }
}

function childrenOf(pid: number | undefined): readonly number[] {
  if (pid === undefined) return [];
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text.split(' ').filter(Boolean).map(Number);
}
