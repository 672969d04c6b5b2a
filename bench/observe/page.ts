import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type CDPSession, chromium } from 'playwright-core';
import type { BenchContext } from '../bench.ts';
import { BenchDaemon } from '../daemon.ts';
import { temporaryFolder } from '../leftovers.ts';
import { writeScaleFolder } from '../scale-manifests.ts';
import { percentile, round } from '../statistics.ts';

/** The dashboard in a browser, with many Services. */
export interface PageFigures {
  readonly services: number;
  /** From the request for the page until live data stands in it, median of several loads. */
  readonly usableMs: number;
  /** Of the page's script, after garbage collection: at the start and at the end. */
  readonly heapMiB: readonly [first: number, last: number];
  readonly minutes: number;
}

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Opens the page, lets it run with its update a second, and looks at its memory. */
export async function measurePage({ quick, print }: BenchContext): Promise<PageFigures | string> {
  const executablePath = places.find((one) => existsSync(one));
  if (executablePath === undefined) return 'page is left out: chromium is not installed';
  await using resources = new AsyncDisposableStack();
  const folder = join(resources.use(temporaryFolder()).path, 'manifests');
  const services = quick ? 1_000 : 10_000;
  writeScaleFolder(folder, { services, endpoints: 4, perFile: 50 });
  const daemon = resources.use(
    await BenchDaemon.start(['-f', folder, '--proxy-mode', 'none', '--workers', '1']),
  );
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  resources.defer(() => browser.close());
  const url = `http://${daemon.addresses['admin']}/#/services`;
  const usable: number[] = [];
  for (let load = 0; load < 5; load += 1) {
    const page = await browser.newPage();
    const started = performance.now();
    await page.goto(url);
    await page.getByText(`${services} services`).waitFor();
    usable.push(performance.now() - started);
    await page.close();
  }
  const page = await browser.newPage();
  await page.goto(url);
  await page.getByText('live', { exact: true }).waitFor();
  const session = await page.context().newCDPSession(page);
  const minutes = quick ? 0.25 : 10;
  // What the first minute keeps, such as five minutes of samples, is not growth.
  await delay(quick ? 5_000 : 60_000);
  const first = await heapMiB(session);
  await delay(minutes * 60_000);
  const last = await heapMiB(session);
  const usableMs = Math.round(percentile(usable, 0.5));
  print(
    `dashboard with ${services} Services: usable after ${usableMs} ms; heap ${first} MiB, ` +
      `after ${minutes} more minutes ${last} MiB`,
  );
  return { services, usableMs, heapMiB: [first, last], minutes };
}

async function heapMiB(session: CDPSession): Promise<number> {
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  return round(usedSize / 2 ** 20);
}
