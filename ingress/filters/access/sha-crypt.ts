import { createHash } from 'node:crypto';
import { cryptTriple } from './crypt-base64.ts';

const usualRounds = 5_000;

/** Ulrich Drepper's SHA-crypt, `$5$` (SHA-256) or `$6$` (SHA-512), salt and rounds as in `setting`. */
export function shaCrypt(password: string, setting: string): string {
  const [, kind = '6', said, salt = ''] =
    /^\$([56])\$(?:rounds=(\d{1,9})\$)?([^$]{0,16})/.exec(setting) ?? [];
  const algorithm = kind === '5' ? 'sha256' : 'sha512';
  const rounds = said === undefined ? usualRounds : Math.max(1_000, Number(said));
  const key = Buffer.from(password);
  const saltBytes = Buffer.from(salt);
  const digest = mix(algorithm, rounds, key, saltBytes);
  const prefix = said === undefined ? `$${kind}$${salt}$` : `$${kind}$rounds=${rounds}$${salt}$`;
  return prefix + (kind === '5' ? encode256(digest) : encode512(digest));
}

function mix(algorithm: string, rounds: number, key: Buffer, salt: Buffer): Buffer {
  const hash = (...parts: readonly Uint8Array[]): Buffer => {
    const one = createHash(algorithm);
    for (const part of parts) one.update(part);
    return one.digest();
  };
  const alternate = hash(key, salt, key);
  const parts: Uint8Array[] = [key, salt, stretched(alternate, key.length)];
  for (let bits = key.length; bits > 0; bits >>= 1) parts.push(bits & 1 ? alternate : key);
  let digest = hash(...parts);
  const keySequence = stretched(hash(...Array.from({ length: key.length }, () => key)), key.length);
  const saltTimes = 16 + (digest[0] ?? 0);
  const saltSequence = stretched(
    hash(...Array.from({ length: saltTimes }, () => salt)),
    salt.length,
  );
  for (let round = 0; round < rounds; round += 1) {
    const mixed: Uint8Array[] = [round & 1 ? keySequence : digest];
    if (round % 3 !== 0) mixed.push(saltSequence);
    if (round % 7 !== 0) mixed.push(keySequence);
    mixed.push(round & 1 ? digest : keySequence);
    digest = hash(...mixed);
  }
  return digest;
}

/** A digest again and again, up to a length. */
function stretched(digest: Buffer, length: number): Buffer {
  return Buffer.alloc(length, length > 0 ? digest : undefined);
}

/** Three bytes that lie a third of the digest apart, turned one place with each group. */
function encode256(digest: Uint8Array): string {
  let text = '';
  let [a, b, c] = [0, 10, 20];
  for (let group = 0; group < 10; group += 1) {
    text += cryptTriple(digest, a, b, c);
    [a, b, c] = [c + 1, a + 1, b + 1];
  }
  return text + cryptTriple(digest, -1, 31, 30, 3);
}

function encode512(digest: Uint8Array): string {
  let text = '';
  let [a, b, c] = [0, 21, 42];
  for (let group = 0; group < 21; group += 1) {
    text += cryptTriple(digest, a, b, c);
    [a, b, c] = [b + 1, c + 1, a + 1];
  }
  return text + cryptTriple(digest, -1, -1, 63, 2);
}
