/** A request that the engine answers itself, with an error. */
export interface Refusal {
  readonly status: number;
  /** For logs and metrics: `no-route`, `invalid-host`, `connect-refused` … */
  readonly reason: string;
  /** Nothing after it on this connection can be trusted to be a request. */
  readonly closes: boolean;
}

/** One that leaves the connection in use. */
export function refusal(status: number, reason: string): Refusal {
  return { status, reason, closes: false };
}

/** One after which the connection closes. */
export function closingRefusal(status: number, reason: string): Refusal {
  return { status, reason, closes: true };
}
