import { randomFillSync } from 'node:crypto';

const idBytes = 16;
const batch = Buffer.alloc(256 * idBytes);
let used = batch.length;

/** Printable ASCII without spaces, of a length that log lines can bear. */
const acceptable = /^[\x21-\x7e]{1,128}$/;

/**
 * The client's own identifier if it is fit to be logged, or 128 new random bits in hex: drawn 256
 * at a time, because asking the system costs more than the rest of a small request's JavaScript.
 */
export function requestIdOf(sent: string | undefined): string {
  if (sent !== undefined && acceptable.test(sent)) return sent;
  if (used === batch.length) {
    randomFillSync(batch);
    used = 0;
  }
  used += idBytes;
  return batch.toString('hex', used - idBytes, used);
}
