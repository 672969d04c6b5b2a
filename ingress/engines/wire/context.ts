import type { Clock, Log, Random } from '../../../controller/base/index.ts';
import type { RequestParser } from '../../http1/index.ts';
import type { Http2Context } from '../../http2/index.ts';
import type { ClientCertificate } from '../../tls/index.ts';
import type { Router } from '../../router/index.ts';
import type { Composer, DeadlineWheel } from '../../transport/index.ts';
import type { Upstreams } from '../../upstream/index.ts';
import type { BalancedPools } from '../shared/balanced-pools.ts';
import type { ClientIdentifier } from '../shared/client-identity.ts';
import type { EngineMetrics } from '../shared/metrics.ts';
import type { EngineLimits, EngineTimeouts } from '../shared/options.ts';
import type { AccessLog } from './access-log.ts';
import type { DateField } from './date-field.ts';
import type { RoutePlans } from './route-plans.ts';
import type { ShedLog } from './shed-log.ts';

/** What all connections of an engine share. */
export interface WireContext {
  readonly clock: Clock;
  readonly log: Log;
  readonly timeouts: EngineTimeouts;
  readonly limits: EngineLimits;
  readonly identifier: ClientIdentifier;
  readonly plans: RoutePlans;
  readonly pools: BalancedPools;
  readonly upstreams: Upstreams;
  readonly metrics: EngineMetrics;
  readonly shedLog: ShedLog;
  readonly wheel: DeadlineWheel;
  readonly random: Random;
  readonly composer: Composer;
  readonly parser: RequestParser;
  readonly http2: Http2Context;
  readonly date: DateField;
  /** '' sends none. */
  readonly hsts: string;
  readonly accessLog: AccessLog | undefined;
  /** Connections begin with a PROXY header. */
  readonly proxyProtocol: boolean;
  /** Requests without a trace of their own get one. */
  readonly beginsTraces: boolean;
  /** The router in force: each request asks anew. */
  readonly router: () => Router;
  /** The port of https as clients know it. */
  readonly redirectPort: () => number;
  /** Each response is the last on its connection. */
  readonly isDraining: () => boolean;
}

/** The listener that a connection came through. */
export interface Arrival {
  readonly scheme: 'http' | 'https';
  readonly port: number;
  /** Undefined: the client was not asked for one. */
  readonly clientCertificate: ClientCertificate | undefined;
}
