import type { Clock, Log, Problem, ProblemSink } from '../../base/index.ts';
import { objectKey, type Pod } from '../../objects/index.ts';
import type { Store, WatchEvent, WriteOperation } from '../../store/index.ts';
import type { CheckSpec } from '../check.ts';
import type { CheckScheduler } from '../check-scheduler.ts';
import { rfc3339 } from '../rfc3339.ts';
import { StatusWriter } from '../status-writer.ts';
import {
  type ContainerReadiness,
  hasOwnConditions,
  isCompleted,
  readinessConditions,
  wasReady,
  withoutOwnConditions,
} from './readiness-conditions.ts';
import { parseReadinessProbe } from './readiness-probe.ts';

/** Which Pods to probe: of this node, of no node (no `spec.nodeName`), or both. */
export type PodShare = 'own' | 'unassigned' | 'own-and-unassigned';

export interface PodReadinessOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly problems: ProblemSink;
  readonly scheduler: CheckScheduler;
  /** Pods of other nodes are left to those. */
  readonly nodeName: string;
  readonly share: PodShare;
  /** False: exec probes are refused with a problem. */
  readonly runsCommands: boolean;
}

interface ProbedContainer {
  readonly name: string;
  /** Why it cannot be probed. */
  readonly hindrance: string | undefined;
}

interface PodChecks {
  readonly probed: readonly ProbedContainer[];
  readonly specs: readonly CheckSpec[];
  readonly problems: readonly Problem[];
}

/** Stands in for the kubelet: readinessProbes decide the Pods' `Ready` condition. */
export class PodReadiness implements AsyncDisposable {
  readonly #options: PodReadinessOptions;
  readonly #writer: StatusWriter;
  readonly #watch: Disposable;
  /** The containers that have a probe, of each Pod that has any, by `namespace/name`. */
  readonly #containers = new Map<string, readonly ProbedContainer[]>();
  readonly #listed = Promise.withResolvers<void>();

  constructor(options: PodReadinessOptions) {
    this.#options = options;
    const { store, clock, log } = options;
    this.#writer = new StatusWriter({ store, clock, log, plan: (key) => this.#plan(key) });
    this.#watch = store.watch({ kinds: ['Pod'], sendInitialEvents: true }, (events) => {
      for (const event of events) this.#apply(event);
    });
  }

  /** Readiness of one of this Pod's containers changed. */
  changed(key: string): void {
    this.#writer.mark(key);
  }

  /** Resolves when all Pods have been listed. */
  listed(): Promise<void> {
    return this.#listed.promise;
  }

  /** Resolves when what is known now has been written. */
  idle(): Promise<void> {
    return this.#writer.idle();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#watch[Symbol.dispose]();
    // Whoever waits for the list must not wait for ever.
    this.#listed.resolve();
    await this.#writer[Symbol.asyncDispose]();
  }

  #apply(event: WatchEvent): void {
    if (event.type === 'BOOKMARK') {
      if (event.initialEventsEnd) this.#listed.resolve();
    } else if (event.object.kind === 'Pod') {
      if (event.type === 'DELETED') this.#forget(objectKey(event.object.metadata));
      else this.#upsert(event.object);
    }
  }

  #upsert(pod: Pod): void {
    const key = objectKey(pod.metadata);
    const here = this.#isInShare(pod);
    if (!here || !pod.spec?.containers.some((one) => one.readinessProbe)) {
      this.#forget(key);
      if (here && hasOwnConditions(pod)) this.#writer.mark(key);
      return;
    }
    const { probed, specs, problems } = this.#checksOf(pod);
    this.#containers.set(key, probed);
    this.#report(key, problems);
    this.#options.scheduler.replace(ownerOf(key), isCompleted(pod) ? [] : specs);
    this.#writer.mark(key);
  }

  #isInShare({ spec }: Pod): boolean {
    const { nodeName, share } = this.#options;
    return spec?.nodeName ? share !== 'unassigned' && spec.nodeName === nodeName : share !== 'own';
  }

  #checksOf(pod: Pod): PodChecks {
    const probed: ProbedContainer[] = [];
    const specs: CheckSpec[] = [];
    const problems: Problem[] = [];
    // As the kubelet: not ready until a probe has succeeded, unless it has before a restart.
    const initial: CheckSpec['initial'] = wasReady(pod)
      ? { kind: 'recalled', healthy: true }
      : { kind: 'judged', healthy: false, streak: 0 };
    const podIP = pod.status?.podIP ?? pod.status?.podIPs?.[0]?.ip ?? '';
    for (const container of pod.spec?.containers ?? []) {
      const { name, readinessProbe } = container;
      if (!readinessProbe) continue;
      const parsed = parseReadinessProbe(pod, container, readinessProbe, podIP);
      let hindrance: string | undefined;
      if (parsed.kind === 'wrong') {
        problems.push(parsed.problem);
        hindrance = 'its readinessProbe is invalid';
      } else if (parsed.target.kind === 'exec' && !this.#options.runsCommands) {
        problems.push(commandsRefused(pod, name));
        hindrance = 'exec probes are turned off';
      } else if (parsed.target.kind !== 'exec' && parsed.target.address === '') {
        hindrance = 'the Pod has no status.podIP to probe';
      } else {
        specs.push({ key: name, target: parsed.target, schedule: parsed.schedule, initial });
      }
      probed.push({ name, hindrance });
    }
    return { probed, specs, problems };
  }

  #forget(key: string): void {
    if (!this.#containers.delete(key)) return;
    this.#report(key, []);
    this.#options.scheduler.replace(ownerOf(key), []);
  }

  #report(key: string, problems: readonly Problem[]): void {
    const { problems: sink, share } = this.#options;
    // Of two that share the Pods of a node, one must not clear what the other says.
    sink.replace(
      share === 'unassigned' ? `health/unassigned/${key}` : `health/Pod/${key}`,
      problems,
    );
  }

  #plan(key: string): WriteOperation | undefined {
    const [namespace = '', name = ''] = key.split('/');
    const pod = this.#options.store.get('Pod', namespace, name);
    if (!pod) return undefined;
    const containers = this.#containers.get(key);
    const now = rfc3339(this.#options.clock.wallMs());
    const conditions = containers
      ? readinessConditions(pod, this.#readinessOf(key, containers), now)
      : withoutOwnConditions(pod);
    if (!conditions) return undefined;
    // With the Pod's resourceVersion: somebody else's change of its status must not be lost.
    return { kind: 'updateStatus', object: { ...pod, status: { ...pod.status, conditions } } };
  }

  #readinessOf(key: string, probed: readonly ProbedContainer[]): readonly ContainerReadiness[] {
    return probed.map(({ name, hindrance }) => {
      const state = this.#options.scheduler.state(ownerOf(key), name);
      const reason = hindrance ?? state?.message;
      return { container: name, ready: state?.healthy === true, reason };
    });
  }
}

const ownerPrefix = 'Pod ';

/** The scheduler's name for a Pod. */
function ownerOf(key: string): string {
  return ownerPrefix + key;
}

/** `namespace/name` if the scheduler's owner is a Pod. */
export function podKeyOf(owner: string): string | undefined {
  return owner.startsWith(ownerPrefix) ? owner.slice(ownerPrefix.length) : undefined;
}

function commandsRefused(pod: Pod, container: string): Problem {
  const { namespace = '', name } = pod.metadata;
  return {
    severity: 'warning',
    reason: 'ExecProbeRefused',
    message: `Pod ${objectKey(pod.metadata)}: container "${container}" has an exec probe, and running commands is turned off; the Pod stays not ready`,
    instead: 'use an httpGet, tcpSocket or grpc probe, or start with --exec-probes on',
    object: { kind: 'Pod', namespace, name },
  };
}
