import { createHash, timingSafeEqual } from 'node:crypto';
import { compare } from 'bcryptjs';
import { md5Crypt } from './md5-crypt.ts';
import { shaCrypt } from './sha-crypt.ts';

/** Rounds of SHA-crypt above this would stop a worker for seconds; the usual number is 5 000. */
const mostRounds = 200_000;
/** As bcrypt's rounds double with each: 2^14 take about a second. */
const mostBcryptCost = 14;

/** What is wrong with a hash of an htpasswd file, as a clause; undefined: it can be checked. */
export function hashError(hash: string): string | undefined {
  if (/^\{(PLAIN|SHA|SSHA)\}/.test(hash) || /^\$(apr1|1)\$[^$]{1,8}\$/.test(hash)) return undefined;
  const cost = /^\$2[aby]\$(\d\d)\$.{53}$/.exec(hash)?.[1];
  if (cost !== undefined) return Number(cost) > mostBcryptCost ? 'costs too much' : undefined;
  const sha = /^\$[56]\$(?:rounds=(\d{1,9})\$)?[^$]{0,16}\$/.exec(hash);
  if (sha) return Number(sha[1] ?? 0) > mostRounds ? 'costs too much' : undefined;
  return 'is of an unknown kind';
}

/** Whether a password has this hash. Kinds as nginx knows them, but for the DES crypt of old. */
export async function matchesHash(password: string, hash: string): Promise<boolean> {
  if (hashError(hash) !== undefined) return false;
  if (hash.startsWith('{PLAIN}')) return isEqual(password, hash.slice(7));
  if (hash.startsWith('{SHA}')) return isEqual(sha1(Buffer.from(password)), hash.slice(5));
  if (hash.startsWith('{SSHA}')) return matchesSalted(password, hash.slice(6));
  if (hash.startsWith('$2')) return compare(password, hash.replace(/^\$2y/, '$2b'));
  if (hash.startsWith('$5$') || hash.startsWith('$6$'))
    return isEqual(shaCrypt(password, hash), hash);
  return isEqual(md5Crypt(password, hash), hash);
}

function sha1(text: Buffer): string {
  return createHash('sha1').update(text).digest('base64');
}

/** SHA-1 of password and salt, followed by the salt. */
function matchesSalted(password: string, encoded: string): boolean {
  const decoded = Buffer.from(encoded, 'base64');
  const salt = decoded.subarray(20);
  const digest = createHash('sha1').update(password).update(salt).digest();
  return decoded.length >= 20 && timingSafeEqual(digest, decoded.subarray(0, 20));
}

function isEqual(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
