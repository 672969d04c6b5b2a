import type { Pool } from './table.ts';

/**
 * How a route's requests are delivered, where that differs from the engine's own settings. Plain
 * data: it crosses process borders. What is absent is as the engine has it.
 */
export interface RouteOptions {
  /** Request body, in bytes: 413 above. Infinity: no limit. */
  readonly bodyBytes?: number;
  /** Milliseconds to connect to one endpoint. */
  readonly connectMs?: number;
  /** Milliseconds without a byte between us and the endpoint. */
  readonly readMs?: number;
  /** Milliseconds from the request's head to the response's: 504 after it. */
  readonly responseMs?: number;
  readonly retry?: RetryOptions;
  /** What to speak to endpoints, in place of what their Service says. */
  readonly protocol?: Pool['protocol'];
  /** For endpoints that speak TLS. */
  readonly tls?: UpstreamTls;
  /** Endpoints are told who the client is by a PROXY header before anything else. */
  readonly proxyProtocol?: 'v1' | 'v2';
  /** False: requests of this route are left out of the access log. */
  readonly accessLog?: boolean;
  /** Requests are counted by ingress-nginx's names as well. */
  readonly nginxMetrics?: true;
}

/** TLS to endpoints. Without verification it hides what is said, and from whom it does not tell. */
export interface UpstreamTls {
  /** The name to ask for (SNI), and that the certificate must have if it is verified. */
  readonly serverName?: string;
  readonly verify: boolean;
  /** PEM: whose certificates are believed; default: the system's. */
  readonly caPem?: string;
  /** PEM: who we are, for endpoints that want to know. */
  readonly certificatePem?: string;
  readonly privateKeyPem?: string;
  /** As OpenSSL writes them. */
  readonly ciphers?: string;
  readonly minVersion?: 'TLSv1.2' | 'TLSv1.3';
}

/** When a request is sent again, to another endpoint. */
export interface RetryOptions {
  /** Endpoints tried for one request, the first included. */
  readonly attempts?: number;
  /** What counts as a failure. Default: `error` and `timeout`. */
  readonly on?: readonly RetryCondition[];
  /** Also POST, PATCH and others that do twice what they are asked twice. */
  readonly nonIdempotent?: boolean;
  /** Milliseconds from the first try, after which no other is begun. */
  readonly withinMs?: number;
  /** Milliseconds that one try may take to bring a response's head. */
  readonly tryMs?: number;
  /** Bytes of a request's body kept for another try; longer ones are sent once. */
  readonly bodyBytes?: number;
}

/**
 * - `error`: no connection, or one that broke before the response.
 * - `timeout`: no connection, or no response, in time.
 * - `invalid-response`: something that is not HTTP.
 * - `status-500` …: a response with that status.
 */
export type RetryCondition =
  | 'error'
  | 'timeout'
  | 'invalid-response'
  | 'status-500'
  | 'status-502'
  | 'status-503'
  | 'status-504'
  | 'status-403'
  | 'status-404'
  | 'status-429';
