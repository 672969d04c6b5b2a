import type { Clock, Log, Random } from '../../../controller/base/index.ts';
import type { AddressClaims } from './address-claims.ts';
import type { UserspaceLimits, UserspaceTimeouts } from './options.ts';
import type { PortMetricFamilies } from './port-metrics.ts';
import type { ProblemBoard } from './problem-board.ts';
import type { NodeAddresses } from './source-policy.ts';
import type { TcpSessionTable, TcpTransport } from './tcp/index.ts';
import type { UdpSessionTable } from './udp/index.ts';

/** What all Service ports of one plane share. */
export interface PlaneContext {
  readonly log: Log;
  readonly clock: Clock;
  readonly random: Random;
  readonly problems: ProblemBoard;
  readonly reusePort: boolean;
  readonly nodePortAddresses: readonly string[];
  readonly timeouts: UserspaceTimeouts;
  readonly limits: UserspaceLimits;
  readonly metrics: PortMetricFamilies;
  readonly node: NodeAddresses;
  readonly claims: AddressClaims;
  readonly transport: TcpTransport;
  readonly tcpSessions: TcpSessionTable;
  readonly udpSessions: UdpSessionTable;
}
