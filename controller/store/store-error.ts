import { PortolanError } from '../base/index.ts';

export type StoreErrorCode = 'AlreadyExists' | 'Conflict' | 'Expired' | 'Invalid' | 'NotFound';

/** A write or watch that the store refuses; codes are the reasons of the API's Status. */
export class StoreError extends PortolanError {
  declare readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, message: string) {
    super(code, message);
  }
}
