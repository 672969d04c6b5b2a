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
  readonly retry?: RetryOptions;
  /** False: requests of this route are left out of the access log. */
  readonly accessLog?: boolean;
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
