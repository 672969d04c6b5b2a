import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import { type User, userOf } from './user.ts';

/** A bearer token and whom it stands for. */
export interface TokenUser {
  readonly token: string;
  readonly name: string;
  readonly groups: readonly string[];
}

/**
 * Who sends a request: a client certificate of our authority, or a bearer token. Undefined: nobody
 * that is known. As Kubernetes reads certificates, CN is the name and O are the groups.
 */
export function authenticate(
  request: IncomingMessage,
  tokens: readonly TokenUser[],
): User | undefined {
  return userOfToken(request.headers.authorization, tokens) ?? userOfCertificate(request.socket);
}

function userOfToken(header: string | undefined, tokens: readonly TokenUser[]): User | undefined {
  const given = /^Bearer +(\S+)$/i.exec(header ?? '')?.[1];
  if (given === undefined) return undefined;
  // Equal length and no early end: the time it takes tells nothing of the token.
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  const found = tokens.find(({ token }) => timingSafeEqual(digest(token), digest(given)));
  return found && userOf(found.name, found.groups);
}

/** Reading a certificate takes as long as all else of a small request; a connection keeps its own. */
const usersOfSockets = new WeakMap<TLSSocket, User>();

function userOfCertificate(socket: IncomingMessage['socket']): User | undefined {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined;
  const known = usersOfSockets.get(socket);
  if (known) return known;
  const user = readCertificate(socket);
  if (user) usersOfSockets.set(socket, user);
  return user;
}

function readCertificate(socket: TLSSocket): User | undefined {
  const { subject } = socket.getPeerCertificate();
  // Absent when the client sent no certificate.
  const name = (subject as typeof subject | undefined)?.CN;
  if (typeof name !== 'string') return undefined;
  return userOf(name, [subject.O ?? []].flat());
}
