import type { BoundCounter, BoundGauge, BoundHistogram, Meter } from '../base/index.ts';
import type { ProbeKind } from './prober.ts';
import type { ProbeOutcome } from './timed-probe.ts';

export type HealthState = 'unknown' | 'healthy' | 'unhealthy';
export type ProbeResult = 'healthy' | 'unhealthy' | 'timeout' | 'inconclusive';

const probeKinds: readonly ProbeKind[] = ['http', 'https', 'tcp', 'grpc', 'exec'];
const results: readonly ProbeResult[] = ['healthy', 'unhealthy', 'timeout', 'inconclusive'];
/** From a loopback connect to the longest usual timeouts. */
const durationBucketsSec = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5];

/** The engine's series, bound once: labels come from fixed sets, never from targets. */
export class HealthMetrics {
  readonly #checks: ReadonlyMap<string, BoundCounter>;
  readonly #durations: ReadonlyMap<ProbeKind, BoundHistogram>;
  readonly #endpoints: Readonly<Record<HealthState, BoundGauge>>;
  readonly #transitions: Readonly<Record<HealthState, BoundCounter>>;

  constructor(meter: Meter) {
    const checks = meter.counter({
      name: 'portolan_health_checks_total',
      help: 'Health checks made, by type of check and result.',
      labelNames: ['type', 'result'],
    });
    const durations = meter.histogram({
      name: 'portolan_health_check_duration_seconds',
      help: 'Time that health checks took, by type of check.',
      labelNames: ['type'],
      buckets: durationBucketsSec,
    });
    const endpoints = meter.gauge({
      name: 'portolan_health_endpoints',
      help: 'Targets of health checks by their present state.',
      labelNames: ['state'],
    });
    const transitions = meter.counter({
      name: 'portolan_health_transitions_total',
      help: 'Changes of state of checked targets, by the state they changed to.',
      labelNames: ['to'],
    });
    this.#checks = new Map(
      probeKinds.flatMap((type) =>
        results.map((result) => [`${type} ${result}`, checks.bind({ type, result })]),
      ),
    );
    this.#durations = new Map(probeKinds.map((type) => [type, durations.bind({ type })]));
    this.#endpoints = byState((state) => endpoints.bind({ state }));
    this.#transitions = byState((to) => transitions.bind({ to }));
  }

  checked(type: ProbeKind, outcome: ProbeOutcome): void {
    const result = outcome.timedOut ? 'timeout' : outcome.verdict.kind;
    this.#checks.get(`${type} ${result}`)?.inc();
    this.#durations.get(type)?.observe(outcome.durationMs / 1000);
  }

  added(state: HealthState): void {
    this.#endpoints[state].add(1);
  }

  removed(state: HealthState): void {
    this.#endpoints[state].add(-1);
  }

  changed(from: HealthState, to: HealthState): void {
    this.removed(from);
    this.added(to);
    this.#transitions[to].inc();
  }
}

function byState<T>(make: (state: HealthState) => T): Record<HealthState, T> {
  return { unknown: make('unknown'), healthy: make('healthy'), unhealthy: make('unhealthy') };
}
