import { createSocket } from 'node:dgram';
import { connect, isIP } from 'node:net';
import { type Clock, PortolanError } from '../../../controller/base/index.ts';
import { FrameReader, frame } from '../../wire/index.ts';
import type { Transport } from '../plugin.ts';
import { type Upstream, formatUpstream } from './upstream.ts';

/** A question and the one answer to it. */
export interface Attempt {
  readonly upstream: Upstream;
  readonly transport: Transport;
  readonly request: Buffer;
  readonly timeoutMs: number;
  /** Whether these octets answer the request: others are stray or forged, and are skipped. */
  readonly accepts: (octets: Buffer) => boolean;
  /** Ends the attempt at once. */
  readonly signal: AbortSignal;
}

/** Sends a request and waits for its answer. @throws PortolanError `UpstreamFailed` */
export type Exchange = (attempt: Attempt) => Promise<Buffer>;

/**
 * Over real sockets, a fresh one for each attempt: the kernel picks its port at random, which
 * together with the id is what a forger has to guess (RFC 5452 §9.2). It is connected, so the
 * kernel drops datagrams from elsewhere, and tells when nobody listens there.
 */
export function socketExchange(clock: Clock): Exchange {
  return (attempt) => {
    const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
    const fail = (why: string): void => reject(upstreamFailed(attempt, why));
    const open = attempt.transport === 'udp' ? openUdp : openTcp;
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

const openUdp: Open = ({ upstream, request, accepts }, answered, fail) => {
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
  socket.connect(upstream.port, upstream.host, () => socket.send(request));
  let open = true;
  return () => {
    if (open) socket.close();
    open = false;
  };
};

const openTcp: Open = ({ upstream, request, accepts }, answered, fail) => {
  const socket = connect({ host: upstream.host, port: upstream.port, noDelay: true });
  const frames = new FrameReader((octets) => {
    if (accepts(octets)) answered(octets);
  });
  socket.on('error', (error) => fail(error.message));
  socket.on('close', () => fail('connection closed before the answer'));
  socket.on('data', (chunk) => frames.push(chunk));
  socket.write(frame(request));
  return () => socket.destroy();
};

function upstreamFailed({ upstream, transport }: Attempt, why: string): PortolanError {
  return new PortolanError('UpstreamFailed', `${formatUpstream(upstream)} (${transport}): ${why}`);
}
