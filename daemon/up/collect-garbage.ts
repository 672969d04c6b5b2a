import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * One full, compacting garbage collection. Loading leaves a heap grown by what only loading
 * needed, and V8 gives it back only after long idling: with 10 000 Services 390 MiB of resident
 * memory before this, 257 MiB after. A pause of 0.2 to 0.4 s there, in a process that serves no
 * traffic. Does nothing where V8 offers no way to ask.
 */
export function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('globalThis.gc');
  if (typeof collect !== 'function') return;
  // "Last resort" is the flavour that also gives memory back to the system.
  collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
}
