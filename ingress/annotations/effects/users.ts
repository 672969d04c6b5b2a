import type { Secret } from '../../../controller/objects/index.ts';
import { hashError } from '../../filters/access/password-hash.ts';

/** The users of a Secret. Hashes reach no message. */
export type ReadUsers =
  | {
      readonly kind: 'users';
      readonly users: readonly (readonly [name: string, hash: string])[];
      /** Left out. */
      readonly unusable: readonly { readonly name: string; readonly why: string }[];
    }
  | { readonly kind: 'refused'; readonly why: string; readonly instead: string };

/** More users than any file of passwords should hold. */
const mostUsers = 10_000;

/** Reads both forms: an htpasswd file under `auth`, or a key for each user. */
export function readUsers(secret: Secret, form: 'auth-file' | 'auth-map'): ReadUsers {
  const pairs = form === 'auth-map' ? fromMap(secret) : fromFile(secret);
  if (pairs === undefined) {
    return {
      kind: 'refused',
      why: 'has no key "auth"',
      instead: 'key auth with an htpasswd file, or auth-secret-type: auth-map',
    };
  }
  if (pairs.length > mostUsers) {
    return { kind: 'refused', why: `lists more than ${mostUsers} users`, instead: 'auth-url' };
  }
  const users: (readonly [string, string])[] = [];
  const unusable: { name: string; why: string }[] = [];
  for (const [name, hash] of pairs) {
    const why = hashError(hash);
    if (why === undefined) users.push([name, hash]);
    else unusable.push({ name, why });
  }
  return { kind: 'users', users, unusable };
}

function fromMap({ data = {} }: Secret): readonly (readonly [string, string])[] {
  return Object.entries(data).map(([name, value]) => [name, decode(value).trim()]);
}

function fromFile({ data }: Secret): readonly (readonly [string, string])[] | undefined {
  const file = data?.['auth'];
  if (file === undefined) return undefined;
  return decode(file)
    .split('\n')
    .flatMap((line) => {
      const [name = '', hash = ''] = line.trim().split(':');
      return name === '' || name.startsWith('#') || hash === '' ? [] : [[name, hash] as const];
    });
}

function decode(base64: string): string {
  return Buffer.from(base64, 'base64').toString('utf8');
}
