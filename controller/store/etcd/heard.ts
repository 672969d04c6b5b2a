import type { BoundGauge, Clock, Log, Meter, ProblemSink } from '../../base/index.ts';
import type { EtcdClient, EtcdError } from './etcd-client.ts';

export interface HeardOptions {
  readonly client: EtcdClient;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: Meter;
  readonly problems: ProblemSink;
}

/** An election among the members takes about a second: no problem yet. */
const graceMs = 5_000;
const lookIntervalMs = 1_000;

/** How well etcd is heard: for the age metric, the log, and `portolan get problems`. */
export class Heard implements Disposable {
  readonly #options: HeardOptions;
  readonly #age: BoundGauge;
  #lost: { readonly sinceMs: number; error: EtcdError } | undefined;
  #timer: Disposable | undefined;
  #isReported = false;

  constructor(options: HeardOptions) {
    this.#options = options;
    this.#age = options.meter
      .gauge({
        name: 'portolan_etcd_data_age_seconds',
        help: 'How long ago the copy of etcd was last known to be current; 0 while it is.',
      })
      .bind();
  }

  /** `error` undefined: changes are heard again. */
  note(error: EtcdError | undefined): void {
    if (!error) this.#lost = undefined;
    else if (this.#lost) this.#lost.error = error;
    else this.#lost = { sinceMs: this.#options.clock.nowMs(), error };
    this.#look();
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
  }

  #look(): void {
    this.#timer?.[Symbol.dispose]();
    const { clock } = this.#options;
    const lostMs = this.#lost ? clock.nowMs() - this.#lost.sinceMs : 0;
    this.#age.set(lostMs / 1000);
    this.#report(this.#lost && lostMs >= graceMs ? this.#lost.error : undefined);
    if (this.#lost) this.#timer = clock.schedule(lookIntervalMs, () => this.#look());
  }

  #report(error: EtcdError | undefined): void {
    const { problems, log } = this.#options;
    if (this.#isReported !== (error !== undefined)) {
      this.#isReported = error !== undefined;
      if (error) log.warn({ error: error.message }, 'etcd is not heard');
      else log.info({}, 'etcd is heard again');
    }
    problems.replace(
      'etcd',
      error
        ? [
            {
              severity: 'error',
              reason: 'EtcdUnreachable',
              message: `etcd cannot be followed (${error.message}); what it said last stays in force`,
              instead: 'check the URLs of --etcd, and that a majority of the members runs',
            },
          ]
        : [],
    );
  }
}
