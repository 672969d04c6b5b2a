import { PortolanError } from '../base/index.ts';

export type StoreErrorCode =
  | 'AlreadyExists'
  | 'Conflict'
  | 'Expired'
  | 'Invalid'
  | 'NotFound'
  /** The write could not be made durable: disk full, disk broken. Reads go on. */
  | 'InsufficientStorage'
  /** What the store stands on does not answer. Reads go on; the write may have happened or not. */
  | 'Unavailable';

/** A write or watch that the store refuses; codes are the reasons of the API's Status. */
export class StoreError extends PortolanError {
  declare readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(code, message, options);
  }
}
