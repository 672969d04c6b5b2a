import type { Printer } from '../../../daemon/cli/index.ts';

/** A printer that remembers what was printed. */
export class Paper implements Printer {
  output = '';
  errors = '';

  out(text: string): void {
    this.output += text;
  }

  error(text: string): void {
    this.errors += text;
  }
}
