import type { Clock, Log, Meter, ProblemSink, Random } from '../../../controller/base/index.ts';

/** What the plane is built with. */
export interface UserspacePlaneOptions {
  readonly log: Log;
  readonly meter: Meter;
  readonly clock: Clock;
  readonly random: Random;
  readonly problems: ProblemSink;
  /**
   * Several worker processes listen on the same addresses, SO_REUSEPORT. Balancers then count per
   * worker: round robin and least-conn are exact within each, and even over all of them.
   */
  readonly reusePort?: boolean;
  /** Addresses that NodePorts listen on, of either family. Default: loopback. */
  readonly nodePortAddresses?: readonly string[];
  readonly timeouts?: Partial<UserspaceTimeouts>;
  readonly limits?: Partial<UserspaceLimits>;
}

/** All in milliseconds. */
export interface UserspaceTimeouts {
  /**
   * How long the first, second … endpoint may take to answer a connection before the next one is
   * tried; as many are tried as there are entries. kube-proxy's userspace mode had the same.
   */
  readonly connectMs: readonly number[];
  /** The same for the last endpoint that can be tried: nothing is gained by giving up early. */
  readonly lastConnectMs: number;
  /** A TCP session without a byte either way is cut: nf_conntrack's established timeout. */
  readonly tcpIdleMs: number;
  /** The same once one side has sent FIN: nf_conntrack's close_wait timeout under kube-proxy. */
  readonly tcpHalfClosedMs: number;
  /** A UDP session without a datagram either way is forgotten. At least 10 s. */
  readonly udpIdleMs: number;
  /** Sessions to an endpoint that left the table are cut after this. Infinity: never. */
  readonly removedEndpointMs: number;
}

/** Bounds of what clients can make the plane hold. */
export interface UserspaceLimits {
  /** TCP sessions at once, two descriptors each. Over it, new ones are reset. */
  readonly tcpSessions: number;
  /** The same for one Service port, so that one can't starve the others. */
  readonly tcpSessionsPerPort: number;
  /** UDP sessions at once, one descriptor each. Over it, the one idle for longest goes. */
  readonly udpSessions: number;
}

export const defaultTimeouts: UserspaceTimeouts = {
  connectMs: [250, 500, 1000, 2000],
  lastConnectMs: 5000,
  tcpIdleMs: 24 * 3_600_000,
  tcpHalfClosedMs: 3_600_000,
  udpIdleMs: 60_000,
  removedEndpointMs: Infinity,
};

export const defaultLimits: UserspaceLimits = {
  tcpSessions: 16_384,
  tcpSessionsPerPort: 8_192,
  udpSessions: 8_192,
};

/** NodePorts are for the machine itself unless somebody asks for more. */
export const defaultNodePortAddresses: readonly string[] = ['127.0.0.1', '::1'];
