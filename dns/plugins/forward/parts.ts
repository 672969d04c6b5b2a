import { randomInt } from 'node:crypto';
import type { Clock, Random } from '../../../controller/base/index.ts';
import { type Exchange, socketExchange } from './exchange.ts';

/** Where attempts go to; tests put their own in. */
export interface ForwardParts {
  readonly random: Random;
  readonly exchange: Exchange;
  /** Ids must not be guessed (RFC 5452): 16 bits from the system's generator. */
  readonly randomId: () => number;
}

/** Over real sockets. */
export function forwardParts(clock: Clock, random: Random): ForwardParts {
  return { random, exchange: socketExchange(clock), randomId: () => randomInt(0x10000) };
}
