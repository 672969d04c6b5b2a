import { seededRandom, silentLog } from '../../../controller/base/index.ts';
import type { EndpointSlice, Service } from '../../../controller/objects/index.ts';
import {
  type AllocationLedger,
  MemoryLedger,
  type ReconcilerOptions,
  type Reconcilers,
  startReconcilers,
} from '../../../controller/reconcile/index.ts';
import {
  createMemoryStore,
  type Store,
  type WriteOperation,
} from '../../../controller/store/index.ts';
import { FakeClock } from '../../fakes/clock.ts';
import { MemoryMeter } from '../../fakes/meter.ts';
import { ProblemBook } from '../../fakes/problems.ts';

type AnyObject = Extract<WriteOperation, { readonly kind: 'put' }>['object'];

/** A store with all reconcilers running over it. */
export class ReconcileHarness implements AsyncDisposable {
  readonly clock: FakeClock = new FakeClock();
  readonly problems: ProblemBook = new ProblemBook();
  readonly meter: MemoryMeter = new MemoryMeter();
  readonly ledger: AllocationLedger;
  readonly store: Store;
  readonly #options: Partial<ReconcilerOptions>;
  #reconcilers: Reconcilers | undefined;

  constructor(options: Partial<ReconcilerOptions> = {}) {
    this.store = options.store ?? createMemoryStore({ clock: this.clock });
    this.ledger = options.ledger ?? new MemoryLedger();
    this.#options = options;
  }

  /** Puts objects as manifests would, and waits until all follows from them. */
  async put(...objects: readonly AnyObject[]): Promise<void> {
    const results = await this.store.writeAll(objects.map((object) => ({ kind: 'put', object })));
    for (const result of results) if (result.kind === 'failed') throw result.error;
    await this.settled();
  }

  async delete(kind: AnyObject['kind'], key: string): Promise<void> {
    const [namespace = '', name = ''] = key.split('/');
    await this.store.delete(kind, namespace, name);
    await this.settled();
  }

  get running(): Reconcilers {
    this.#reconcilers ??= startReconcilers({
      clock: this.clock,
      random: seededRandom(1),
      log: silentLog,
      meter: this.meter,
      problems: this.problems,
      serviceCidrs: ['127.96.0.0/16'],
      nodePortRange: { first: 30_000, last: 32_767 },
      ...this.#options,
      store: this.store,
      ledger: this.ledger,
    });
    return this.#reconcilers;
  }

  async settled(): Promise<void> {
    await this.running.settled();
  }

  /** Ends the reconcilers; the next `settled` or `put` starts new ones over the same store. */
  async stop(): Promise<void> {
    await this.#reconcilers?.[Symbol.asyncDispose]();
    this.#reconcilers = undefined;
  }

  service(key: string): Service {
    const [namespace = '', name = ''] = key.split('/');
    const found = this.store.get('Service', namespace, name);
    if (!found) throw new Error(`no Service ${key}`);
    return found;
  }

  slices(serviceKey: string): readonly EndpointSlice[] {
    const [namespace = '', name = ''] = serviceKey.split('/');
    const labelSelector = `kubernetes.io/service-name=${name}`;
    return this.store.list('EndpointSlice', { namespace, labelSelector }).items;
  }

  /** `127.0.0.2,127.0.0.3 :8080` for each slice, in the order of names. */
  sliceLines(serviceKey: string): readonly string[] {
    return this.slices(serviceKey).map(({ endpoints, ports = [] }) => {
      const addresses = endpoints.map((endpoint) => endpoint.addresses[0]).join(',');
      return [addresses, ...ports.map(({ name, port }) => `${name}:${port}`)].join(' ');
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}
