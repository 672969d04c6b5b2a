/** What went to one endpoint since it is in the table. */
export class EndpointTally {
  active = 0;
  total = 0;
  /** Attempts to connect that were refused or timed out. */
  failures = 0;

  started(): void {
    this.active += 1;
    this.total += 1;
  }

  ended(): void {
    this.active -= 1;
  }
}

/** The same, for views. */
export interface EndpointActivity {
  /** `10.0.0.1:80`, IPv6 in brackets. */
  readonly endpoint: string;
  readonly active: number;
  readonly total: number;
  readonly failures: number;
  /** True once it has left the table: sessions go on, new ones don't come. */
  readonly draining: boolean;
}
