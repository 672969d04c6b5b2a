import type { Clock, Log, Meter, ProblemSink, Random } from '../base/index.ts';
import { BundleIndex } from '../bundles/index.ts';
import type { Store } from '../store/index.ts';
import { CheckScheduler } from './check-scheduler.ts';
import { HealthMetrics } from './health-metrics.ts';
import { PodReadiness, podKeyOf, type PodShare } from './pods/pod-readiness.ts';
import type { Prober } from './prober.ts';
import type { ExecRunner } from './probers/exec.ts';
import { createProber } from './probers/index.ts';
import { ServiceHealth, serviceKeyOf } from './services/service-health.ts';

export interface HealthCheckOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly problems: ProblemSink;
  readonly meter: Meter;
  readonly nodeName: string;
  /**
   * Whose kubelet to stand in for: only where none runs, and one daemon for each Pod, or two would
   * write the same conditions.
   */
  readonly podProbes: PodShare | 'none';
  /** Default true. False where another daemon of the cluster checks Services. */
  readonly checkServices?: boolean;
  /**
   * Runs the commands of Pods' exec probes, as the daemon's user: whoever may write Pods may then
   * run programs. Absent: such probes are refused.
   */
  readonly exec?: ExecRunner;
  /** In place of real probes, for tests. */
  readonly prober?: Prober;
}

/** The running engine. Disposing stops every check and finishes the write under way. */
export interface HealthChecks extends AsyncDisposable {
  /**
   * Resolves when every check that is configured now has its first verdict in the store. One with
   * an initial delay is not waited for: what holds meanwhile is decided already.
   */
  settled(): Promise<void>;
}

/** Starts checking what Services' annotations and Pods' readinessProbes ask for. */
export function startHealthChecks(options: HealthCheckOptions): HealthChecks {
  const { store, clock, random, problems } = options;
  const log = options.log.child({ part: 'health' });
  const metrics = new HealthMetrics(options.meter);
  const prober = options.prober ?? createProber(options.exec);
  const onChange = (owner: string): void => {
    const service = serviceKeyOf(owner);
    const pod = podKeyOf(owner);
    if (service !== undefined) services.changed(service);
    else if (pod !== undefined) pods?.changed(pod);
  };
  const scheduler = new CheckScheduler({ clock, random, log, metrics, prober, onChange });
  const shared = { store, clock, log, problems, scheduler };
  const services = new ServiceHealth(shared);
  const { nodeName, podProbes } = options;
  const pods =
    podProbes === 'none'
      ? undefined
      : new PodReadiness({
          ...shared,
          nodeName,
          share: podProbes,
          runsCommands: options.exec !== undefined,
        });
  const bundlesListed = Promise.withResolvers<void>();
  const bundles =
    options.checkServices === false
      ? undefined
      : new BundleIndex(store, (changes) => {
          services.apply(changes);
          bundlesListed.resolve();
        });
  if (!bundles) bundlesListed.resolve();
  return {
    async settled() {
      await Promise.all([bundlesListed.promise, pods?.listed()]);
      await scheduler.settled();
      await Promise.all([services.idle(), pods?.idle()]);
    },
    async [Symbol.asyncDispose]() {
      bundles?.[Symbol.dispose]();
      scheduler[Symbol.dispose]();
      bundlesListed.resolve();
      await Promise.all([services[Symbol.asyncDispose](), pods?.[Symbol.asyncDispose]()]);
    },
  };
}
