import { createHash } from 'node:crypto';
import { cryptTriple } from './crypt-base64.ts';

const rounds = 1_000;

/** Poul-Henning Kamp's MD5 crypt, under his magic `$1$` or Apache's `$apr1$`, as in `setting`. */
export function md5Crypt(password: string, setting: string): string {
  const [, kind = '1', salt = ''] = /^\$(apr1|1)\$([^$]{0,8})/.exec(setting) ?? [];
  const key = Buffer.from(password);
  const alternate = md5(key, salt, key);
  const first = createHash('md5').update(key).update(`$${kind}$${salt}`);
  for (let left = key.length; left > 0; left -= 16)
    first.update(alternate.subarray(0, Math.min(16, left)));
  for (let bits = key.length; bits > 0; bits >>= 1) {
    first.update(bits & 1 ? Buffer.of(0) : key.subarray(0, 1));
  }
  let digest: Uint8Array = first.digest();
  for (let round = 0; round < rounds; round += 1) {
    const parts: (Uint8Array | string)[] = [round & 1 ? key : digest];
    if (round % 3 !== 0) parts.push(salt);
    if (round % 7 !== 0) parts.push(key);
    parts.push(round & 1 ? digest : key);
    digest = md5(...parts);
  }
  return `$${kind}$${salt}$${encode(digest)}`;
}

function md5(...parts: readonly (Uint8Array | string)[]): Buffer {
  const hash = createHash('md5');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

function encode(digest: Uint8Array): string {
  const triples = [0, 1, 2, 3, 4].map((at) =>
    cryptTriple(digest, at, at + 6, at === 4 ? 5 : at + 12),
  );
  return triples.join('') + cryptTriple(digest, -1, -1, 11, 2);
}
