import type { Name } from '../../wire/index.ts';
import type { Policy } from './pool.ts';

/** One `forward` line of a Corefile. */
export interface ForwardConfig {
  /** Names in it are forwarded. */
  readonly from: Name;
  /** Path of a resolv.conf, which is watched, or addresses (`192.0.2.1`, `tls://192.0.2.1`). */
  readonly upstreams: string | readonly string[];
  /** Names in these are not. */
  readonly except: readonly Name[];
  readonly forceTcp: boolean;
  readonly preferUdp: boolean;
  /** How long an unused TCP or TLS connection is kept. */
  readonly expireMs: number;
  /** How long any connection is kept; 0: as long as it is used. */
  readonly maxAgeMs: number;
  /** Unused connections kept to one upstream; 0: a number of our own. */
  readonly maxIdleConns: number;
  /** Address that requests leave from; undefined: as routing has it. */
  readonly sourceAddress: string | undefined;
  readonly dohMethod: 'GET' | 'POST';
  readonly readTimeoutMs: number;
  /** Failed checks after which an upstream is down; 0: never. */
  readonly maxFails: number;
  /** Upstreams asked for one query; 0: every one. */
  readonly maxConnectAttempts: number;
  readonly policy: Policy;
  readonly healthCheck: {
    readonly intervalMs: number;
    readonly recursionDesired: boolean;
    readonly name: Name;
  };
  readonly maxConcurrent: number;
  /** Rcodes for which another upstream is asked. */
  readonly failover: readonly number[];
  /** Rcodes for which the next `forward` line is asked; NOERROR without answers if `nextOnNodata`. */
  readonly next: readonly number[];
  readonly nextOnNodata: boolean;
  /** SERVFAIL at once when all are down, instead of a last try. */
  readonly failFast: boolean;
  /** Files of the client's certificate and key, and of the authorities. */
  readonly tls: { readonly certFile?: string; readonly keyFile?: string; readonly caFile?: string };
  /** Name that certificates of TLS upstreams must bear. */
  readonly tlsServerName: string | undefined;
}

/** What CoreDNS does without any option. */
export const defaultForward: ForwardConfig = {
  from: [],
  upstreams: '/etc/resolv.conf',
  except: [],
  forceTcp: false,
  preferUdp: false,
  expireMs: 10_000,
  maxAgeMs: 0,
  maxIdleConns: 0,
  sourceAddress: undefined,
  dohMethod: 'POST',
  readTimeoutMs: 2000,
  maxFails: 2,
  maxConnectAttempts: 0,
  policy: 'random',
  healthCheck: { intervalMs: 500, recursionDesired: true, name: [] },
  // CoreDNS has no limit; each query under way holds a socket, so here there is one.
  maxConcurrent: 1000,
  failover: [],
  next: [],
  nextOnNodata: false,
  failFast: false,
  tls: {},
  tlsServerName: undefined,
};
