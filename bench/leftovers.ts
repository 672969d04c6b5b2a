import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const children = new Set<ChildProcess>();
const folders = new Set<string>();

/** Has the process killed when this one ends, however it ends, unless it ended before. */
export function endWithUs(child: ChildProcess): void {
  children.add(child);
  child.once('exit', () => children.delete(child));
}

/** Makes an empty folder that is removed on disposal, and when this process ends. */
export function temporaryFolder(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), 'portolan-bench-'));
  folders.add(path);
  return {
    path,
    // Stays on the list: a process that outlived its parent may have written into it once more.
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  };
}

/** For the `exit` event: kills what still runs, removes what still stands. Synchronous. */
export function removeLeftovers(): void {
  for (const child of children) child.kill('SIGKILL');
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}
