import { PortolanError } from '../../base/index.ts';

/** A request's body that is refused before anybody looks at what it means. */
export class BodyError extends PortolanError {
  declare readonly code: 'BadRequest' | 'RequestEntityTooLarge';

  constructor(code: 'BadRequest' | 'RequestEntityTooLarge', message: string) {
    super(code, message);
  }

  /** The HTTP status that goes with the reason. */
  get status(): number {
    return this.code === 'BadRequest' ? 400 : 413;
  }
}
