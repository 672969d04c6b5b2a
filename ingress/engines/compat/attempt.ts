import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Clock } from '../../../controller/base/index.ts';
import type { EngineTimeouts } from '../shared/options.ts';
import { classifyFailure, type UpstreamFailure, UpstreamTimeout } from './upstream-failure.ts';

/** What comes of one try. One of the three is called, once. */
export interface AttemptOutcome {
  response(response: IncomingMessage): void;
  /** 101: the connection is a tunnel now; `head` came behind the response head. */
  upgrade(response: IncomingMessage, socket: Socket, head: Buffer): void;
  failure(failure: UpstreamFailure, reusedSocket: boolean): void;
}

export interface AttemptOptions {
  readonly clock: Clock;
  readonly timeouts: EngineTimeouts;
  /** Sends the body; called once the connection stands, so that before it nothing is used up. */
  readonly connected: (upstream: ClientRequest) => void;
  /** 1xx other than 100 and 101. */
  readonly information: (status: number, headers: IncomingMessage['headers']) => void;
}

/** RFC 9110 §15.2 allows any number of 1xx responses; this many are no use to anybody. */
const maxInformational = 32;

/**
 * Watches one request to one endpoint, from connect to response head. Deadlines: `connectMs` for
 * the connection, `readMs` between bytes from then on, also while the response body runs.
 */
export function watchAttempt(
  upstream: ClientRequest,
  options: AttemptOptions,
  outcome: AttemptOutcome,
): void {
  let isConnected = false;
  let isOver = false;
  let informational = 0;
  let connectTimer: Disposable | undefined;

  const end = (report: () => void): void => {
    connectTimer?.[Symbol.dispose]();
    if (isOver) return;
    isOver = true;
    report();
  };
  const connected = (): void => {
    connectTimer?.[Symbol.dispose]();
    isConnected = true;
    options.connected(upstream);
  };

  upstream.on('socket', (socket) => {
    const pendingEvent = socket instanceof TLSSocket ? 'secureConnect' : 'connect';
    if (upstream.reusedSocket || !(socket.connecting || pendingEvent === 'secureConnect')) {
      connected();
      return;
    }
    const { connectMs } = options.timeouts;
    connectTimer = options.clock.schedule(connectMs, () => {
      upstream.destroy(new UpstreamTimeout('connect', connectMs));
    });
    socket.once(pendingEvent, connected);
  });
  const { readMs } = options.timeouts;
  upstream.setTimeout(readMs, () => upstream.destroy(new UpstreamTimeout('read', readMs)));
  upstream.on('information', (info) => {
    informational += 1;
    if (informational > maxInformational) upstream.destroy(new Error('too many 1xx responses'));
    else options.information(info.statusCode, info.headers);
  });
  upstream.on('response', (response) => end(() => outcome.response(response)));
  upstream.on('upgrade', (response, socket, head) =>
    end(() => outcome.upgrade(response, socket, head)),
  );
  // Also after the response head: node reports a second response so.
  upstream.on('error', (error) =>
    end(() => outcome.failure(classifyFailure(error, isConnected), upstream.reusedSocket)),
  );
  upstream.on('close', () =>
    end(() =>
      outcome.failure(
        classifyFailure(new Error('connection closed'), isConnected),
        upstream.reusedSocket,
      ),
    ),
  );
}
