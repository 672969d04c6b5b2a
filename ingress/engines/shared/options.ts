import type { LimitStore } from '../../filters/index.ts';
import type { Clock, Log, Meter, ProblemSink, Random } from '../../../controller/base/index.ts';

/** Where a listener is to listen; port 0 picks a free one. */
export interface ListenOn {
  readonly host: string;
  readonly port: number;
}

/** What an engine needs. Absent means the default that is named. */
export interface EngineOptions {
  readonly http: ListenOn | undefined;
  readonly https: ListenOn | undefined;
  readonly log: Log;
  readonly meter: Meter;
  readonly clock: Clock;
  readonly random: Random;
  readonly problems: ProblemSink;
  /** Other workers listen on the same addresses (SO_REUSEPORT). */
  readonly reusePort: boolean;
  /** Port that clients know https by, for redirects; default: the port listened on. */
  readonly redirectPort?: number;
  /** CIDRs whose `X-Forwarded-*` fields are believed; default: nobody's. */
  readonly trustedProxies?: readonly string[];
  /** `Strict-Transport-Security` on https; '' sends none. */
  readonly hsts?: string;
  /** One log line for each request; default true. */
  readonly accessLog?: boolean;
  /** Default `json`: lines of the log; the others are text. */
  readonly accessLogFormat?: 'json' | 'combined' | 'upstreaminfo';
  /** The share of requests that are logged, from 0 to 1; answers from 500 on always are. */
  readonly accessLogSample?: number;
  /** Where lines of text go; default: standard error. Calls back when it can take more. */
  readonly accessLogSink?: (text: string, done: () => void) => void;
  /** Requests without a `traceparent` (W3C Trace Context) get one; default false. */
  readonly traceContext?: boolean;
  /** Connections begin with a PROXY header, which trusted proxies alone may send; default false. */
  readonly proxyProtocol?: boolean;
  readonly tls?: TlsSettings;
  readonly timeouts?: Partial<EngineTimeouts>;
  readonly limits?: Partial<EngineLimits>;
  /** Counts that clients' limits compare with; default: the engine's own. */
  readonly limitStore?: LimitStore;
}

/** TLS with clients. */
export interface TlsSettings {
  /** Default: TLSv1.2. */
  readonly minVersion?: 'TLSv1.2' | 'TLSv1.3';
  /** As OpenSSL writes them, for both versions; default: node's. */
  readonly ciphers?: string;
  /**
   * 48 random bytes that all workers share, so that each resumes the others' sessions. A secret.
   * Default: each engine has its own.
   */
  readonly ticketKeys?: Uint8Array;
}

/** Milliseconds. */
export interface EngineTimeouts {
  /** From the first byte of a request head to its last. */
  readonly headMs: number;
  /** A client connection between two requests. */
  readonly keepAliveMs: number;
  /** TCP, and TLS where the endpoint speaks it, to one endpoint. */
  readonly connectMs: number;
  /** No byte either way between us and the endpoint, before and during the response. */
  readonly readMs: number;
  /** A tunnel (WebSocket) through which nothing passes. */
  readonly tunnelMs: number;
  /** An idle connection kept for the next request to an endpoint. */
  readonly upstreamIdleMs: number;
  /** Reading on after an early answer, for clients that must finish sending before they read. */
  readonly lingerMs: number;
  /** TLS handshake with a client. */
  readonly handshakeMs: number;
  /** The PROXY header of a connection, where there has to be one. */
  readonly proxyHeaderMs: number;
}

/** How much of each one client, or all, may use. */
export interface EngineLimits {
  /** Client connections of one listener; more are closed at once. */
  readonly connections: number;
  /** Request head, in bytes: 431 above. */
  readonly headBytes: number;
  /** Lines of a request head: 431 above. */
  readonly headerLines: number;
  /** Request target, in bytes: 414 above. */
  readonly targetBytes: number;
  /** Request body, in bytes: 413 above. Infinity: no limit. */
  readonly bodyBytes: number;
  /** Requests on one client connection, after which it is closed. 0: no limit. */
  readonly requestsPerConnection: number;
  /** Endpoints tried for one request. */
  readonly tries: number;
  /** Idle connections kept to one endpoint. */
  readonly idlePerEndpoint: number;
  /** Body bytes read and dropped after an early answer. */
  readonly lingerBytes: number;
}

/** As nginx has them where users rely on it; a head deadline that stops slow heads. */
export const defaultTimeouts: EngineTimeouts = {
  headMs: 10_000,
  keepAliveMs: 75_000,
  connectMs: 5_000,
  readMs: 60_000,
  tunnelMs: 3_600_000,
  // Below the 60 s after which many servers close idle connections themselves.
  upstreamIdleMs: 50_000,
  lingerMs: 5_000,
  handshakeMs: 10_000,
  proxyHeaderMs: 5_000,
};

/** ingress-nginx limits bodies by annotation, so the engine alone does not. */
export const defaultLimits: EngineLimits = {
  connections: 16_384,
  headBytes: 65_536,
  headerLines: 200,
  targetBytes: 16_384,
  bodyBytes: Number.POSITIVE_INFINITY,
  requestsPerConnection: 1_000,
  tries: 3,
  // A few connections of HTTP/2 ask that many things at a time, and connecting anew costs most.
  idlePerEndpoint: 512,
  lingerBytes: 262_144,
};

/** A year, as ingress-nginx sends it. Browsers ignore it where the certificate is not trusted. */
export const defaultHsts = 'max-age=31536000; includeSubDomains';
