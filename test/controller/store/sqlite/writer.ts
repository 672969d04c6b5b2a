/**
 * Writes into the store named by the first argument until it is killed: sixteen writers at once,
 * and each name on standard output once its write is acknowledged.
 */
import { writeSync } from 'node:fs';
import { openStore } from './scratch.ts';
import { service } from '../objects.ts';

const [, , path = '', prefix = ''] = process.argv;
const store = await openStore(path);
let next = 0;

async function write(): Promise<never> {
  for (;;) {
    const name = `${prefix}-${next}`;
    next += 1;
    await store.create(service(`shop/${name}`));
    // At once: what waits in a stream's buffer dies with the process.
    writeSync(1, `${name}\n`);
  }
}

await Promise.all(Array.from({ length: 16 }, write));
