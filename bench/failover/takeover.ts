import { Bed } from './bed.ts';
import { type Product, start } from './products.ts';

export type Event = 'crash' | 'stop';

/**
 * For how many milliseconds a client gets no answer when node 1 goes, once for each run that was
 * quiet before: from the crash to the first answer of node 2; at a stop, between two answers.
 */
export async function measureTakeovers(
  product: Product,
  event: Event,
  intervalMs: number,
  runs: number,
): Promise<readonly number[]> {
  const times: number[] = [];
  using bed = new Bed();
  await bed.serve();
  await bed.hearAdverts();
  const patienceMs = 8 * intervalMs + 5000;
  const second = start(bed, product, 2, 100, intervalMs);
  await bed.answeredBy('2', 0, patienceMs);
  for (let run = 0; run < runs; run += 1) {
    const since = Date.now();
    const first = start(bed, product, 1, 200, intervalMs);
    await bed.answeredBy('1', since, patienceMs);
    await new Promise((resolve) => setTimeout(resolve, 500));
    // The same moments within the interval for every product: they decide over up to an interval.
    await bed.nextAdvert(patienceMs);
    await new Promise((resolve) => setTimeout(resolve, ((run + 0.5) / runs) * intervalMs));
    // At 10 ms a stall of the machine is a takeover: then there is nothing to measure.
    const flapped = bed.answers.at(-1)?.name !== '1';
    const wentMs = performance.timeOrigin + performance.now();
    if (event === 'crash') bed.connect(1, false);
    else if (product === 'portolan') first.stdin?.end();
    else first.kill('SIGTERM');
    if (!flapped) {
      const { atMs, silentMs } = await bed.answeredBy('2', wentMs, patienceMs);
      times.push(event === 'crash' ? atMs - wentMs : silentMs);
    }
    await bed.end(first, product === 'portolan' ? 'stdin' : 'SIGTERM');
    if (event === 'crash') bed.connect(1, true);
  }
  await bed.end(second, product === 'portolan' ? 'stdin' : 'SIGTERM');
  return times;
}
