import { createHmac, randomBytes } from 'node:crypto';
import { firstOf } from '../fields.ts';
import type { OwnAnswer } from '../filter.ts';
import type { Authenticator } from './index.ts';
import { matchesHash } from './password-hash.ts';

/** Names and passwords (RFC 7617). */
export interface BasicAuthSettings {
  readonly realm: string;
  /** Hashes as in htpasswd files. A secret: they go to this filter and nowhere else. */
  readonly users: readonly (readonly [name: string, hash: string])[];
}

/** Right passwords remembered by each route, so that slow hashes are computed once. */
const mostRemembered = 1_024;
/** Longer is no password, and not worth hashing. */
const longestCredentials = 1_024;

/** Asks for a name and a password. Wrong ones cost a hash each; right ones only the first time. */
export function basicAuth({ realm, users }: BasicAuthSettings): Authenticator {
  const hashes = new Map(users);
  const remembered = new Set<string>();
  const key = randomBytes(32);
  const challenge: OwnAnswer = {
    status: 401,
    fields: [['WWW-Authenticate', `Basic realm="${realm}"`]],
    reason: 'basic-auth',
  };
  const isRight = async (name: string, password: string): Promise<boolean> => {
    const hash = hashes.get(name);
    if (hash === undefined) return false;
    // Not the password itself: what is kept must be of no use to who reads this memory.
    const mark = createHmac('sha256', key).update(`${name}\0${password}`).digest('base64');
    if (remembered.has(mark)) return true;
    if (!(await matchesHash(password, hash))) return false;
    if (remembered.size >= mostRemembered) remembered.clear();
    remembered.add(mark);
    return true;
  };
  return {
    async request(request) {
      const sent = credentials(firstOf(request.head.fields, 'authorization'));
      if (!sent || !(await isRight(sent.name, sent.password))) return challenge;
      request.edits.remove('Authorization');
      return undefined;
    },
  };
}

function credentials(
  authorization: string | undefined,
): { readonly name: string; readonly password: string } | undefined {
  const [, encoded] = /^basic +([A-Za-z0-9+/_-]+={0,2})$/i.exec(authorization ?? '') ?? [];
  if (encoded === undefined || encoded.length > longestCredentials) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 0) return undefined;
  return { name: text.slice(0, colon), password: text.slice(colon + 1) };
}
