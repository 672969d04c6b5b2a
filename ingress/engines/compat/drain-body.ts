import type { IncomingMessage } from 'node:http';
import type { Clock } from '../../../controller/base/index.ts';

/** How much of a body nobody wants is read, for the client's sake. */
export interface DrainLimits {
  readonly lingerBytes: number;
  readonly lingerMs: number;
}

/**
 * After an answer that came before the body was over: reads on and drops, since a client that
 * is still sending when the connection is reset may lose the answer; up to a limit, since the
 * rest may be endless. Calls back once, with the body read whole or not.
 */
export function drainBody(
  request: IncomingMessage,
  clock: Clock,
  limits: DrainLimits,
  done: (isWhole: boolean) => void,
): void {
  let left = limits.lingerBytes;
  const stop = (): void => {
    timer[Symbol.dispose]();
    request.off('data', count).off('end', stop).off('close', stop);
    done(request.complete);
  };
  const count = (chunk: Buffer): void => {
    left -= chunk.length;
    if (left < 0) stop();
  };
  const timer = clock.schedule(limits.lingerMs, stop);
  request.on('data', count).on('end', stop).on('close', stop);
  request.resume();
}
