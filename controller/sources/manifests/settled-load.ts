import { stat } from 'node:fs/promises';
import type { Clock } from '../../base/index.ts';
import { isAbsent, stampOf } from './discover.ts';
import { type LoadedFile, loadFile } from './load-file.ts';

/**
 * A file must look the same twice this far apart. Longer than a tick of kernels with 250 Hz, which
 * is how finely they stamp changes.
 */
const settleMs = 5;
/** A file that never rests is taken as it is: a change must be in force after 60 ms. */
const patienceMs = 40;
/** Nothing writes to a file that last changed so long ago. */
const oldMs = 2_000;

/** Reads a file once nobody seems to be in the middle of writing it. Never rejects. */
export async function loadSettled(path: string, clock: Clock): Promise<LoadedFile> {
  const deadlineMs = clock.nowMs() + patienceMs;
  for (;;) {
    const loaded = await loadFile(path);
    if (loaded.kind !== 'text') return loaded;
    const ageMs = clock.wallMs() - loaded.mtimeMs;
    if (ageMs > oldMs || clock.nowMs() >= deadlineMs) return loaded;
    await pause(settleMs, clock);
    if ((await stampNow(path)) === loaded.stamp) return loaded;
  }
}

async function stampNow(path: string): Promise<string | undefined> {
  try {
    return stampOf(await stat(path));
  } catch (error) {
    // Whatever else is wrong, reading again will tell.
    if (isAbsent(error) || error instanceof Error) return undefined;
    throw error;
  }
}

function pause(delayMs: number, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    clock.schedule(delayMs, resolve);
  });
}
