import type { Clock } from '../../../controller/base/index.ts';

/** The Date line (RFC 9110 §6.6.1), made once a second. */
export class DateField {
  readonly #clock: Clock;
  #second = -1;
  #line = '';

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** With CRLF. */
  line(): string {
    const wallMs = this.#clock.wallMs();
    const second = Math.trunc(wallMs / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#line = `Date: ${new Date(wallMs).toUTCString()}\r\n`;
    }
    return this.#line;
  }
}
