import { PortolanError } from '../../../base/index.ts';

/** An expression that cannot be used here, or whose evaluation failed. */
export class CelError extends PortolanError {
  declare readonly code: 'Syntax' | 'Unsupported' | 'Evaluation' | 'TooExpensive';

  constructor(code: CelError['code'], message: string) {
    super(code, message);
  }
}
