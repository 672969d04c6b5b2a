import { createSocket } from 'node:dgram';
import { isIP } from 'node:net';
import { type Clock, describeError, PortolanError } from '../../../controller/base/index.ts';
import { FrameReader, frame } from '../../wire/index.ts';
import { type Connections } from './connections.ts';
import { type HttpsClient } from './https-client.ts';
import { type Upstream, formatUpstream } from './upstream.ts';

/** A question and the one answer to it. */
export interface Attempt {
  readonly upstream: Upstream;
  readonly transport: 'udp' | 'tcp';
  readonly request: Buffer;
  readonly timeoutMs: number;
  /** Whether these octets answer the request: others are stray or forged, and are skipped. */
  readonly accepts: (octets: Buffer) => boolean;
  /** Ends the attempt at once. */
  readonly signal: AbortSignal;
  /** Where TCP and TLS connections come from. */
  readonly connections: Connections;
  /** What asks upstreams over HTTPS. */
  readonly https: HttpsClient;
}

/** Sends a request and waits for its answer. @throws PortolanError `UpstreamFailed` */
export type Exchange = (attempt: Attempt) => Promise<Buffer>;

/**
 * Over real sockets. UDP takes a fresh one for each attempt: the kernel picks its port at random,
 * which together with the id is what a forger has to guess (RFC 5452 §9.2). It is connected, so
 * the kernel drops datagrams from elsewhere, and tells when nobody listens there.
 */
export function socketExchange(clock: Clock): Exchange {
  return (attempt) => {
    const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
    const fail = (why: string): void => reject(upstreamFailed(attempt, why));
    const { httpsPath } = attempt.upstream;
    const overStream =
      attempt.transport === 'udp' && attempt.upstream.tlsServerName === undefined
        ? openUdp
        : openStream;
    const open = httpsPath === undefined ? overStream : openHttps;
    const close = open(attempt, resolve, fail);
    const timer = clock.schedule(attempt.timeoutMs, () =>
      fail(`no answer in ${attempt.timeoutMs} ms`),
    );
    const abort = (): void => fail('shutting down');
    attempt.signal.addEventListener('abort', abort, { once: true });
    return promise.finally(() => {
      attempt.signal.removeEventListener('abort', abort);
      timer[Symbol.dispose]();
      close();
    });
  };
}

type Open = (
  attempt: Attempt,
  answered: (octets: Buffer) => void,
  fail: (why: string) => void,
) => () => void;

const openUdp: Open = ({ upstream, request, accepts, connections }, answered, fail) => {
  const family = isIP(upstream.host) === 6 ? 'udp6' : 'udp4';
  const socket = createSocket({
    type: family,
    // The host is an address already; answering at once spares a turn of the event loop.
    lookup: (host, _options, callback) => callback(null, host, family === 'udp6' ? 6 : 4),
  });
  socket.on('error', (error) => fail(error.message));
  socket.on('message', (octets) => {
    if (accepts(octets)) answered(octets);
  });
  const { sourceAddress } = connections;
  let open = true;
  const send = (): void => {
    if (open) socket.connect(upstream.port, upstream.host, () => open && socket.send(request));
  };
  if (sourceAddress === undefined) send();
  else socket.bind(0, sourceAddress, send);
  return () => {
    if (open) socket.close();
    open = false;
  };
};

const openHttps: Open = ({ upstream, request, accepts, https }, answered, fail) => {
  const ending = new AbortController();
  https.ask(upstream, request, ending.signal).then(
    (octets) => (accepts(octets) ? answered(octets) : fail('the reply answers another question')),
    (error: unknown) => fail(describeError(error)),
  );
  return () => ending.abort();
};

const openStream: Open = (attempt, answered, fail) => {
  const { upstream, request, accepts, connections } = attempt;
  let done = false;
  let close = (): void => {};
  const start = (): void => {
    const { socket, reused } = connections.take(upstream);
    const frames = new FrameReader((octets) => {
      if (done || !accepts(octets)) return;
      done = true;
      answered(octets);
    });
    let why = 'connection closed before the answer';
    socket.on('error', (error) => {
      why = error.message;
    });
    socket.on('close', () => {
      if (done) return;
      // One that waited may have been closed there meanwhile; that says nothing of the upstream.
      if (reused) start();
      else fail(why);
    });
    socket.on('data', (chunk: Buffer) => frames.push(chunk));
    socket.write(frame(request));
    close = () => {
      if (done) connections.put(upstream, socket);
      else socket.destroy();
      done = true;
    };
  };
  start();
  return () => close();
};

function upstreamFailed({ upstream, transport }: Attempt, why: string): PortolanError {
  return new PortolanError('UpstreamFailed', `${formatUpstream(upstream)} (${transport}): ${why}`);
}
