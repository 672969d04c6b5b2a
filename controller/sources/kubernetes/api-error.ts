import { PortolanError } from '../../base/index.ts';

/**
 * An answer of the API server that is no success, or none at all. `code` is the reason of its
 * Status (`NotFound`, `Conflict`, `Expired`, `Forbidden` …); `Unreachable` when nothing answered.
 */
export class ApiError extends PortolanError {
  /** HTTP status; 0 when nothing answered. */
  readonly status: number;

  constructor(code: string, status: number, message: string, options?: ErrorOptions) {
    super(code, message, options);
    this.status = status;
  }

  /** The version asked for is no longer kept: only a new list helps. */
  get isGone(): boolean {
    return this.status === 410;
  }
}

/** An error from the body of an answer, which is a Status (meta/v1) if it came from an API server. */
export function errorOfStatus(status: number, body: unknown): ApiError {
  const { reason, message } = (typeof body === 'object' && body !== null ? body : {}) as {
    readonly reason?: unknown;
    readonly message?: unknown;
  };
  return new ApiError(
    typeof reason === 'string' && reason !== '' ? reason : `Status${status}`,
    status,
    typeof message === 'string' && message !== '' ? message : `the API answered ${status}`,
  );
}
