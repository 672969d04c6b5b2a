import { createHash } from 'node:crypto';

/** Eight hex digits (32 bits), the same on every node and after every restart. */
export function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}
