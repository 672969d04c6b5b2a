import { Bed } from './bed.ts';
import { type Product, start } from './products.ts';

export type Event = 'crash' | 'stop';

/** Milliseconds until node 2 answers after node 1 went, once for each run. */
export async function measureTakeovers(
  product: Product,
  event: Event,
  intervalMs: number,
  runs: number,
): Promise<readonly number[]> {
  const times: number[] = [];
  using bed = new Bed();
  await bed.serve();
  const patienceMs = 8 * intervalMs + 5000;
  const second = start(bed, product, 2, 100, intervalMs);
  await bed.answeredBy('2', 0, patienceMs);
  for (let run = 0; run < runs; run += 1) {
    const since = Date.now();
    const first = start(bed, product, 1, 200, intervalMs);
    await bed.answeredBy('1', since, patienceMs);
    // Anywhere within an interval: adverts and events must not run in step.
    await new Promise((resolve) => setTimeout(resolve, 500 + ((run * 0.37) % 1) * intervalMs));
    const wentMs = performance.timeOrigin + performance.now();
    if (event === 'crash') bed.connect(1, false);
    else if (product === 'portolan') first.stdin?.end();
    else first.kill('SIGTERM');
    times.push((await bed.answeredBy('2', wentMs, patienceMs)) - wentMs);
    await bed.end(first, product === 'portolan' ? 'stdin' : 'SIGTERM');
    if (event === 'crash') bed.connect(1, true);
  }
  await bed.end(second, product === 'portolan' ? 'stdin' : 'SIGTERM');
  return times;
}
