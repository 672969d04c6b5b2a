import { Client, type Dispatcher } from 'undici';
import type { HttpTarget, Prober, StatusRange, Verdict } from '../prober.ts';
import { dial } from './dial.ts';
import { failureVerdict } from './failure-verdict.ts';

/** As the kubelet: enough for any health page, and an endless stream counts as an answer. */
const maxBodyBytes = 10 * 1024;
/** As Go's http.Client, which the kubelet uses. */
const maxRedirects = 10;
/** 200–399, as the kubelet. */
const defaultExpectedStatus: readonly StatusRange[] = [{ from: 200, to: 399 }];

/**
 * Healthy if the answer to a GET has an expected status and its body arrives (as far as it is
 * read). A new connection each time: a kept one would go on answering after the listener is gone.
 *
 * As the kubelet, redirects are followed while they stay on the same host; one that leads away
 * counts as success, with a note. With `expectedStatus` the first answer is judged as it is.
 */
export const httpProber: Prober<HttpTarget> = {
  async probe(target: HttpTarget, signal: AbortSignal): Promise<Verdict> {
    try {
      return await probeFollowing(target, signal);
    } catch (error) {
      return failureVerdict(error);
    }
  },
};

async function probeFollowing(target: HttpTarget, signal: AbortSignal): Promise<Verdict> {
  let hop = target;
  for (let redirects = 0; redirects <= maxRedirects; redirects += 1) {
    const { status, location } = await get(hop, signal);
    const redirected = target.expectedStatus === undefined && isRedirect(status);
    if (!redirected || location === undefined) return judgeStatus(status, target.expectedStatus);
    const next = URL.canParse(location, originOf(hop) + hop.path)
      ? new URL(location, originOf(hop) + hop.path)
      : undefined;
    if (next === undefined) return unhealthy(`status ${status} with an invalid Location`);
    if (next.hostname !== new URL(originOf(hop)).hostname || !isHttp(next.protocol)) {
      return { kind: 'healthy', note: `redirect to ${next.host} not followed` };
    }
    const kind = next.protocol === 'https:' ? 'https' : 'http';
    const port = Number(next.port) || (kind === 'https' ? 443 : 80);
    hop = { ...hop, kind, port, path: next.pathname + next.search };
  }
  return unhealthy(`more than ${maxRedirects} redirects`);
}

interface Answer {
  readonly status: number;
  readonly location: string | undefined;
}

async function get(target: HttpTarget, signal: AbortSignal): Promise<Answer> {
  const { kind, address, port, host, verifyTls } = target;
  const tls = kind === 'https' ? { servername: host, verify: verifyTls } : undefined;
  const socket = await dial(address, port, tls, signal);
  const client = new Client(originOf(target), {
    connect: (_options, callback) => {
      // Later: undici does not expect its connector to call back before it returns.
      queueMicrotask(() => {
        if (socket.destroyed) callback(new Error('connection closed'), null);
        else callback(null, socket);
      });
    },
    allowH2: false,
    // The check's own timeout covers all of it, through `signal`.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  try {
    const { statusCode, headers, body } = await client.request({
      method: 'GET',
      path: target.path,
      headers: requestHeaders(target),
      reset: true,
      signal,
    });
    await readAtMost(body, maxBodyBytes);
    const { location } = headers;
    return { status: statusCode, location: Array.isArray(location) ? location[0] : location };
  } finally {
    await client.destroy();
    socket.destroy();
  }
}

/** Header names are compared without case: a later one replaces ours. */
function requestHeaders(target: HttpTarget): Record<string, string> {
  const headers: Record<string, string> = { 'user-agent': 'portolan-health', accept: '*/*' };
  if (target.host !== undefined) headers['host'] = target.host;
  for (const [name, value] of target.headers) headers[name.toLowerCase()] = value;
  return headers;
}

async function readAtMost(
  body: Dispatcher.ResponseData['body'],
  limitBytes: number,
): Promise<void> {
  let readBytes = 0;
  for await (const chunk of body) {
    if (chunk instanceof Uint8Array) readBytes += chunk.byteLength;
    if (readBytes >= limitBytes) return;
  }
}

function judgeStatus(status: number, expected: readonly StatusRange[] | undefined): Verdict {
  const ranges = expected ?? defaultExpectedStatus;
  if (ranges.some(({ from, to }) => status >= from && status <= to)) return { kind: 'healthy' };
  return unhealthy(`status ${status}`);
}

function originOf({ kind, address, port }: HttpTarget): string {
  return `${kind}://${address.includes(':') ? `[${address}]` : address}:${port}`;
}

function isRedirect(status: number): boolean {
  return [301, 302, 303, 307, 308].includes(status);
}

function isHttp(protocol: string): boolean {
  return protocol === 'http:' || protocol === 'https:';
}

function unhealthy(reason: string): Verdict {
  return { kind: 'unhealthy', reason };
}
