import { PortolanError } from '../../base/index.ts';

/** One element of `details.causes` of a Status (meta/v1 StatusCause). */
export interface StatusCause {
  /** `FieldManagerConflict`, `FieldValueInvalid` …, the machine's word. */
  readonly reason: string;
  readonly message: string;
  /** Path of the field as Kubernetes prints it: `.spec.ports[port=80]`. */
  readonly field: string;
}

/** Reasons of the API's Status (meta/v1 StatusReason) with which a patch is refused. */
export type PatchErrorCode = 'BadRequest' | 'Conflict' | 'Invalid' | 'RequestEntityTooLarge';

const statuses: Readonly<Record<PatchErrorCode, number>> = {
  BadRequest: 400,
  Conflict: 409,
  Invalid: 422,
  RequestEntityTooLarge: 413,
};

/** A patch that is refused; carries all that the answer's Status says. */
export class PatchError extends PortolanError {
  declare readonly code: PatchErrorCode;
  readonly causes: readonly StatusCause[];

  constructor(code: PatchErrorCode, message: string, causes: readonly StatusCause[] = []) {
    super(code, message);
    // kubectl prints the causes of what is Invalid, and not its message.
    const own = { reason: 'FieldValueInvalid', message, field: 'patch' };
    this.causes = code === 'Invalid' && causes.length === 0 ? [own] : causes;
  }

  /** The HTTP status that goes with the reason. */
  get status(): number {
    return statuses[this.code];
  }
}
