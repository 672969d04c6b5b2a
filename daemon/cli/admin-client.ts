import { Agent, request } from 'undici';
import { describeError, PortolanError } from '../../controller/base/index.ts';
import { formatHostPort, type HostPort } from '../config/index.ts';

/** What the daemon answered. */
export interface AdminReply {
  readonly status: number;
  readonly body: string;
}

/** More than any list of 100 000 objects; a daemon never sends it, something else might. */
const maxReplyBytes = 256 * 1024 * 1024;
const timeoutMs = 10_000;

/**
 * Asks a running daemon. `path` starts with a slash.
 * @throws PortolanError `DaemonUnreachable`, with what to do about it
 */
export async function askDaemon(admin: HostPort, path: string): Promise<AdminReply> {
  const agent = new Agent({
    connect: { timeout: timeoutMs },
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    maxResponseSize: maxReplyBytes,
  });
  try {
    const reply = await request(`${daemonOrigin(admin)}${path}`, { dispatcher: agent });
    return { status: reply.statusCode, body: await reply.body.text() };
  } catch (cause) {
    throw new PortolanError('DaemonUnreachable', unreachableText(admin, cause), { cause });
  } finally {
    await agent.destroy();
  }
}

/** `http://127.0.0.1:9900`. */
export function daemonOrigin(admin: HostPort): string {
  return `http://${formatHostPort(reachable(admin))}`;
}

/** A daemon that listens on every address is reached on loopback. */
function reachable({ host, port }: HostPort): HostPort {
  if (host === '0.0.0.0') return { host: '127.0.0.1', port };
  return host === '::' ? { host: '::1', port } : { host, port };
}

/** What to say when it does not answer, and what to do. */
export function unreachableText(admin: HostPort, cause: unknown): string {
  const where = formatHostPort(admin);
  if (codeOf(cause) === 'ECONNREFUSED') {
    return `no daemon listens on ${where}: start one with "portolan up -f PATH", or name the address of a running one with --admin ADDR`;
  }
  const why = describeError(cause);
  return `the daemon on ${where} did not answer (${why}): is --admin the address of a daemon?`;
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
