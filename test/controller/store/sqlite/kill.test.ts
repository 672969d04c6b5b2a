import { deepEqual, ok } from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openStore, Scratch } from './scratch.ts';

const writer = fileURLToPath(new URL('writer.ts', import.meta.url));
const rounds = 3;

/** Names that were acknowledged before the kill; it comes after `enough` of them. */
async function writeUntilKilled(path: string, prefix: string, enough: number): Promise<string[]> {
  const child = spawn(process.execPath, [writer, path, prefix], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (chunk) => {
    text += String(chunk);
    if (text.split('\n').length > enough) child.kill('SIGKILL');
  });
  await once(child, 'close');
  return text.split('\n').slice(0, -1);
}

test('what was acknowledged before SIGKILL is there after it', async () => {
  using scratch = new Scratch();
  const path = scratch.file('store.db');
  const acknowledged: string[] = [];
  for (let round = 0; round < rounds; round += 1) {
    acknowledged.push(...(await writeUntilKilled(path, `r${round}`, 40 + 37 * round)));
    await using store = await openStore(path);
    const missing = acknowledged.filter((name) => !store.get('Service', 'shop', name));
    deepEqual(missing, []);
    ok(Number(store.resourceVersion) >= acknowledged.length);
  }
});
