import type {
  BoundGauge,
  Clock,
  Family,
  Log,
  Meter,
  Problem,
  ProblemSink,
} from '../../base/index.ts';
import type { Kind } from '../../objects/index.ts';
import { kinds } from '../../objects/index.ts';
import type { ApiError } from './api-error.ts';

export interface ConnectionOptions {
  readonly server: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: Meter;
  readonly problems: ProblemSink;
}

/** A restart of an API server, or a roll over several, is no problem yet. */
const graceMs = 10_000;
const lookIntervalMs = 1_000;

interface Lost {
  readonly sinceMs: number;
  readonly error: ApiError;
}

/** How well the API server is heard: for the age metric, the log, and `portolan get problems`. */
export class Connection implements Disposable {
  readonly #options: ConnectionOptions;
  readonly #age: Family<BoundGauge>;
  readonly #lost = new Map<Kind, Lost>();
  #timer: Disposable | undefined;
  #isReported = false;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#age = options.meter.gauge({
      name: 'portolan_cluster_data_age_seconds',
      help: 'How long ago the copy of the cluster was last known to be current; 0 while it is.',
      labelNames: ['kind'],
    });
  }

  /** `error` undefined: the kind is watched, its copy is current. */
  note(kind: Kind, error: ApiError | undefined): void {
    if (!error) {
      this.#lost.delete(kind);
      this.#age.bind({ kind }).set(0);
    } else {
      const sinceMs = this.#lost.get(kind)?.sinceMs ?? this.#options.clock.nowMs();
      this.#lost.set(kind, { sinceMs, error });
    }
    this.#look();
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
  }

  #look(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    const { clock, problems } = this.#options;
    const nowMs = clock.nowMs();
    for (const [kind, { sinceMs }] of this.#lost) {
      this.#age.bind({ kind }).set((nowMs - sinceMs) / 1000);
    }
    problems.replace('cluster', this.#problems(nowMs));
    if (this.#lost.size > 0) {
      this.#timer = clock.schedule(lookIntervalMs, () => this.#look());
    }
  }

  #problems(nowMs: number): readonly Problem[] {
    const lost = [...this.#lost];
    const refused = lost.filter(([, { error }]) => error.status === 403);
    const silent = lost.filter(
      ([, { error, sinceMs }]) => error.status !== 403 && nowMs - sinceMs >= graceMs,
    );
    this.#log(silent[0]?.[1]);
    return [
      ...refused.map(([kind, { error }]) => forbidden(kind, error)),
      ...(silent[0] ? [this.#unreachable(silent[0][1].error)] : []),
    ];
  }

  #log(lost: Lost | undefined): void {
    if (this.#isReported === (lost !== undefined)) return;
    this.#isReported = lost !== undefined;
    const { log, server } = this.#options;
    if (lost) log.warn({ server, error: lost.error.message }, 'the Kubernetes API is not heard');
    else log.info({ server }, 'the Kubernetes API is heard again');
  }

  #unreachable(error: ApiError): Problem {
    const { server } = this.#options;
    const isUnknown = error.status === 401;
    return {
      severity: 'error',
      reason: isUnknown ? 'ClusterUnauthorized' : 'ClusterUnreachable',
      message: `the Kubernetes API at ${server} ${isUnknown ? 'does not know this daemon' : 'cannot be followed'} (${error.message}); what it said last stays in force`,
      instead: isUnknown
        ? 'renew the credentials of --kubeconfig'
        : 'check the address in --kubeconfig, and that the API server runs',
    };
  }
}

function forbidden(kind: Kind, error: ApiError): Problem {
  return {
    severity: 'error',
    reason: 'ClusterForbidden',
    message: `${kinds[kind].plural} of the cluster are not followed: ${error.message}`,
    instead: 'grant what the ClusterRole of deploy/kubernetes/portolan.yaml grants',
  };
}
