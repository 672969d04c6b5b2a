import type { Clock, Log, Problem, ProblemSink } from '../../base/index.ts';
import {
  type BundleChanges,
  bundleKey,
  judgeEndpoints,
  objectKey,
  type Service,
  type ServiceBundle,
} from '../../objects/index.ts';
import type { Store, WriteOperation } from '../../store/index.ts';
import type { CheckScheduler } from '../check-scheduler.ts';
import { StatusWriter } from '../status-writer.ts';
import { endpointStatuses, isManaged, planHealth } from './endpoint-health-status.ts';
import { type ParsedServiceCheck, parseServiceCheck } from './service-check.ts';
import { type ServiceTarget, serviceTargets } from './service-targets.ts';

export interface ServiceHealthOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly problems: ProblemSink;
  readonly scheduler: CheckScheduler;
}

interface CheckedService {
  readonly service: Service;
  readonly parsed: ParsedServiceCheck;
  readonly targets: readonly ServiceTarget[];
}

/** Keeps one EndpointHealth for each Service whose annotations ask for a check. */
export class ServiceHealth implements AsyncDisposable {
  readonly #options: ServiceHealthOptions;
  readonly #writer: StatusWriter;
  /** Only Services that ask for a check, by `namespace/name`. */
  readonly #services = new Map<string, CheckedService>();
  #started = false;

  constructor(options: ServiceHealthOptions) {
    this.#options = options;
    const { store, clock, log } = options;
    this.#writer = new StatusWriter({ store, clock, log, plan: (key) => this.#plan(key) });
  }

  /** The first call carries every Service there is. */
  apply({ upserted, removed }: BundleChanges): void {
    for (const bundle of upserted) this.#upsert(bundle);
    for (const key of removed) this.#forget(key);
    if (!this.#started) this.#markLeftovers();
    this.#started = true;
  }

  /** The health of one of this Service's targets changed. */
  changed(key: string): void {
    this.#writer.mark(key);
  }

  /** Resolves when what is known now has been written. */
  idle(): Promise<void> {
    return this.#writer.idle();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#writer[Symbol.asyncDispose]();
  }

  /** Of an earlier run, for a Service that is gone or asks for no check any more. */
  #markLeftovers(): void {
    for (const health of this.#options.store.list('EndpointHealth').items) {
      if (isManaged(health)) this.#writer.mark(objectKey(health.metadata));
    }
  }

  #upsert(bundle: ServiceBundle): void {
    const key = bundleKey(bundle);
    const known = this.#services.get(key);
    const { service } = bundle;
    const parsed = known?.service === service ? known.parsed : parseServiceCheck(service);
    if (!parsed.check) {
      this.#forget(key, parsed.problems);
      return;
    }
    const { targets, problems } = serviceTargets(bundle, parsed.check);
    this.#services.set(key, { service, parsed, targets });
    this.#options.scheduler.replace(ownerOf(key), targets);
    this.#report(key, [...parsed.problems, ...problems, ...panicProblems(bundle)]);
    this.#writer.mark(key);
  }

  #forget(key: string, problems: readonly Problem[] = []): void {
    this.#report(key, problems);
    if (!this.#services.delete(key)) return;
    this.#options.scheduler.replace(ownerOf(key), []);
    this.#writer.mark(key);
  }

  #report(key: string, problems: readonly Problem[]): void {
    this.#options.problems.replace(`health/Service/${key}`, problems);
  }

  #plan(key: string): WriteOperation | undefined {
    const { store, scheduler } = this.#options;
    const [namespace = '', name = ''] = key.split('/');
    const existing = store.get('EndpointHealth', namespace, name);
    const checked = this.#services.get(key);
    if (checked) {
      const owner = ownerOf(key);
      const wanted = endpointStatuses(checked.targets, (target) => scheduler.state(owner, target));
      return planHealth(checked.service, existing, wanted);
    }
    if (!existing || !isManaged(existing)) return undefined;
    return { kind: 'delete', objectKind: 'EndpointHealth', namespace, name };
  }
}

const ownerPrefix = 'Service ';

/** The scheduler's name for a Service. */
function ownerOf(key: string): string {
  return ownerPrefix + key;
}

/** `namespace/name` if the scheduler's owner is a Service. */
export function serviceKeyOf(owner: string): string | undefined {
  return owner.startsWith(ownerPrefix) ? owner.slice(ownerPrefix.length) : undefined;
}

function panicProblems(bundle: ServiceBundle): readonly Problem[] {
  if (!judgeEndpoints(bundle).panic) return [];
  const { namespace = '', name } = bundle.service.metadata;
  return [
    {
      severity: 'warning',
      reason: 'AllEndpointsUnhealthy',
      message: `Service ${bundleKey(bundle)}: every endpoint fails its health check, so that checks are disregarded and all get traffic`,
      instead: 'see to the endpoints, or to the check if they do work',
      object: { kind: 'Service', namespace, name },
    },
  ];
}
