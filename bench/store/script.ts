import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { endWithUs } from '../leftovers.ts';

/** Programs of the test suite that work on a store; the product is not imported here. */
const folder = new URL('../../test/controller/store/sqlite/', import.meta.url);
const load = fileURLToPath(new URL('load.ts', folder));
const writer = fileURLToPath(new URL('writer.ts', folder));

/** What `load.ts` prints. @throws Error when it fails */
export function runLoad(args: readonly string[], input: string = ''): unknown {
  const run = spawnSync(process.execPath, [load, ...args], {
    input,
    encoding: 'utf8',
    maxBuffer: 64 * 2 ** 20,
  });
  if (run.status !== 0) throw new Error(`load.ts ended with ${run.status}: ${run.stderr}`);
  return JSON.parse(run.stdout);
}

/** Lets sixteen writers write until `enough` writes are acknowledged, then kills them: their names. */
export async function writeUntilKilled(
  path: string,
  prefix: string,
  enough: number,
): Promise<readonly string[]> {
  const child = spawn(process.execPath, [writer, path, prefix], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  endWithUs(child);
  let text = '';
  let lines = 0;
  child.stdout.on('data', (chunk) => {
    const more = String(chunk);
    text += more;
    lines += more.split('\n').length - 1;
    if (lines >= enough) child.kill('SIGKILL');
  });
  await once(child, 'close');
  return text.split('\n').slice(0, -1);
}
