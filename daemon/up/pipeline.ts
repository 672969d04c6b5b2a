import type { Clock, Problem, ProblemSink } from '../../controller/base/index.ts';
import { BundleIndex } from '../../controller/bundles/index.ts';
import type { Node } from '../../controller/objects/index.ts';
import type { Store } from '../../controller/store/index.ts';
import type { ZoneChanges, ZoneCompiler } from '../../dns/index.ts';
import type { RouteCompiler } from '../../ingress/index.ts';
import type { ServiceCompiler } from '../../proxy/index.ts';
import type { CurrentTables } from '../admin/tables.ts';
import type { PlaneName, PlaneTables } from '../worker/protocol.ts';
import { ChangeBuffer, type TakenChanges } from './change-buffer.ts';

/** Kinds that compilers read besides the Services' bundles. */
const compiledKinds = [
  'ConfigMap',
  'Ingress',
  'IngressClass',
  'Namespace',
  'Node',
  'Secret',
] as const;

export interface PipelineOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly problems: ProblemSink;
  readonly services: ServiceCompiler;
  readonly zones: ZoneCompiler;
  readonly routes: RouteCompiler;
  /** Pods are compiled too: some `kubernetes` line verifies them. */
  readonly zonePods: boolean;
  /** The Node object that stands for this machine changed, or there is none. */
  readonly onNode: (node: Node | undefined) => void;
  readonly nodeName: string;
  /** A table is new. `sinceMs`: when the oldest change in it entered the store, monotonic. */
  readonly publish: <P extends PlaneName>(
    plane: P,
    table: PlaneTables[P]['table'],
    diff: PlaneTables[P]['diff'] | undefined,
    sinceMs: number,
  ) => void;
}

interface Compiled<P extends PlaneName> {
  readonly table: PlaneTables[P]['table'];
  readonly diff: PlaneTables[P]['diff'] | undefined;
  readonly problems: readonly Problem[];
}

/**
 * From store events to tables. All changes of one turn of the event loop are compiled together,
 * and the three tables that follow from them leave in one go: that is what makes L4, DNS and L7
 * change in the same moment.
 */
export class Pipeline implements Disposable {
  readonly #options: PipelineOptions;
  readonly #buffer = new ChangeBuffer();
  readonly #watches = new DisposableStack();
  #tables: { -readonly [P in keyof CurrentTables]: CurrentTables[P] } = {
    l4: undefined,
    dns: undefined,
    ingress: undefined,
  };
  #scheduled: NodeJS.Immediate | undefined;

  constructor(options: PipelineOptions) {
    this.#options = options;
  }

  get tables(): CurrentTables {
    return this.#tables;
  }

  /** Resolves when what the store holds is compiled and the first tables are published. */
  async start(): Promise<void> {
    const { store, clock, zonePods } = this.#options;
    const kinds = zonePods ? ([...compiledKinds, 'Pod'] as const) : compiledKinds;
    const bundled = Promise.withResolvers<void>();
    const listed = Promise.withResolvers<void>();
    const bundles = new BundleIndex(store, (changes) => {
      this.#buffer.addBundles(changes, clock.nowMs());
      bundled.resolve();
      this.#schedule();
    });
    this.#watches.use(bundles);
    const watch = store.watch({ kinds, sendInitialEvents: true }, (events) => {
      this.#buffer.addEvents(events, clock.nowMs());
      if (events.some((one) => one.type === 'BOOKMARK' && one.initialEventsEnd)) listed.resolve();
      this.#schedule();
    });
    this.#watches.use(watch);
    await Promise.all([bundled.promise, listed.promise]);
    this.#compile();
  }

  [Symbol.dispose](): void {
    clearImmediate(this.#scheduled);
    this.#watches.dispose();
  }

  #schedule(): void {
    // Not from half a world: `start` compiles first, once both initial lists are in.
    if (this.#tables.l4 === undefined) return;
    this.#scheduled ??= setImmediate(() => this.#compile());
  }

  #compile(): void {
    this.#scheduled = undefined;
    const sinceMs = this.#buffer.sinceMs ?? this.#options.clock.nowMs();
    const changes = this.#buffer.take();
    this.#applyNode(changes);
    const { services, zones, routes, clock, zonePods } = this.#options;
    const { bundles } = changes;
    const nowSec = Math.floor(clock.wallMs() / 1000);
    this.#finish('l4', services.update(bundles), sinceMs);
    const pods = zonePods ? { pods: changes.of('Pod') } : {};
    const zoneChanges = { bundles, namespaces: names(changes), ...pods };
    this.#finish('dns', zones.update(zoneChanges, nowSec), sinceMs);
    const ingress = routes.update({
      bundles,
      ingresses: changes.of('Ingress'),
      classes: changes.of('IngressClass'),
      secrets: changes.of('Secret'),
      configMaps: changes.of('ConfigMap'),
    });
    this.#finish('ingress', ingress, sinceMs);
  }

  #applyNode(changes: TakenChanges): void {
    const { nodeName, onNode } = this.#options;
    const { upserted, removed } = changes.of('Node');
    const own = upserted.find((node) => node.metadata.name === nodeName);
    if (own || removed.includes(nodeName)) onNode(own);
  }

  #finish<P extends PlaneName>(plane: P, compiled: Compiled<P>, sinceMs: number): void {
    const { table, diff, problems } = compiled;
    const before = this.#tables[plane];
    this.#options.problems.replace(`compile/${plane}`, problems);
    if (before === table) return;
    (this.#tables as Record<PlaneName, unknown>)[plane] = table;
    this.#options.publish(plane, table, before === undefined ? undefined : diff, sinceMs);
  }
}

/** Namespaces that came and went, by name, and the labels of those there are. */
function names(changes: TakenChanges): ZoneChanges['namespaces'] {
  const { upserted, removed } = changes.of('Namespace');
  return {
    upserted: upserted.map(({ metadata }) => metadata.name),
    removed,
    labels: new Map(upserted.map(({ metadata }) => [metadata.name, metadata.labels ?? {}])),
  };
}
