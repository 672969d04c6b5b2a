import type { Socket } from 'node:net';
import type { Clock, Log } from '../../../controller/base/index.ts';
import type { Router } from '../../router/index.ts';
import type { BalancedPools } from '../shared/balanced-pools.ts';
import type { ClientIdentifier } from '../shared/client-identity.ts';
import type { Forwarder } from './forwarder.ts';
import type { EngineMetrics } from '../shared/metrics.ts';
import type { EngineLimits, EngineTimeouts } from '../shared/options.ts';

/** What all exchanges of an engine share. */
export interface ExchangeContext {
  readonly clock: Clock;
  readonly log: Log;
  readonly timeouts: EngineTimeouts;
  readonly limits: EngineLimits;
  readonly identifier: ClientIdentifier;
  readonly forwarder: Forwarder;
  readonly pools: BalancedPools;
  readonly metrics: EngineMetrics;
  /** '' sends none. */
  readonly hsts: string;
  readonly accessLog: boolean;
  /** The router in force: each request asks anew. */
  readonly router: () => Router;
  /** The port of https as clients know it. */
  readonly redirectPort: () => number;
  /** Each response is the last on its connection. */
  readonly isDraining: () => boolean;
}

/** The listener that a request came through. */
export interface Arrival {
  readonly scheme: 'http' | 'https';
  readonly port: number;
}

/** A socket that wants to become a tunnel, with what came behind the request head. */
export interface UpgradeSocket {
  readonly socket: Socket;
  readonly head: Buffer;
}
