import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { endWithUs } from '../leftovers.ts';

/** What `load.ts` measures of requests. */
export interface Requests {
  readonly ms: number;
  readonly latenciesMs: readonly number[];
}

/**
 * What a client of this folder prints, from a process of its own.
 * @throws Error when it fails
 */
export async function runClient(
  program: 'load.ts' | 'watch-client.ts',
  args: readonly string[],
  input = '',
): Promise<unknown> {
  const path = fileURLToPath(new URL(program, import.meta.url));
  const child = spawn(process.execPath, [path, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  endWithUs(child);
  child.stdin.end(input);
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk) => {
    text += String(chunk);
  });
  const [status] = (await once(child, 'close')) as [number | null];
  if (status !== 0) throw new Error(`${program} ${args[0]} ended with status ${status}`);
  return JSON.parse(text);
}
