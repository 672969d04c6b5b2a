import {
  type Clock,
  describeError,
  type ListenAddress,
  type Log,
  type Meter,
  type ProblemSink,
  type Random,
} from '../../controller/base/index.ts';
import { defaultPorts } from '../corefile/index.ts';
import type { ForwardParts } from '../plugins/forward/parts.ts';
import type { ZoneIndex } from '../plugins/kubernetes/zone-index.ts';
import type { Plugin, PluginContext, Query } from '../plugins/plugin.ts';
import { formatName, lowerName } from '../wire/index.ts';
import { buildChain, withDepthLimit } from './chain.ts';
import type { BlockPlan } from './plan.ts';
import { type Route, Router } from './router.ts';

/** What all server blocks share. */
export interface SiteParts {
  readonly log: Log;
  readonly meter: Meter;
  readonly clock: Clock;
  readonly random: Random;
  readonly problems: ProblemSink;
  readonly cluster: ZoneIndex;
  readonly forwarding: ForwardParts;
  readonly forgetReplies: () => void;
  readonly listening: () => readonly ListenAddress[];
}

/** One server block at work. */
export interface RunningBlock {
  readonly plan: BlockPlan;
  readonly routes: readonly Route[];
  readonly plugins: readonly Plugin[];
}

/** The server blocks of one configuration at work, without the sockets. */
export class Site implements AsyncDisposable {
  readonly blocks: readonly RunningBlock[];
  readonly #everywhere: Router;

  /** @throws what making a plugin throws; nothing is left running then */
  constructor(plans: readonly BlockPlan[], parts: SiteParts) {
    const started: RunningBlock[] = [];
    // Names that answers lead to are looked up as if a client had asked on the DNS port.
    this.blocks = plans.map((plan) => {
      const block = startBlock(plan, parts, (query) => this.#resolve(query));
      started.push(block);
      return block;
    });
    this.#everywhere = new Router(
      started
        .filter(({ plan }) => plan.settings.bind === undefined || started.length === 1)
        .flatMap(({ routes }) => routes),
    );
  }

  /** The block that answers a query on the DNS port; undefined: none does. */
  blockFor(query: Query): RunningBlock | undefined {
    const route = this.#everywhere.find(query);
    return route && this.blocks.find(({ routes }) => routes.includes(route));
  }

  /** Resolves when every plugin is set up. */
  async start(): Promise<void> {
    await Promise.all(this.#plugins().map(async (plugin) => plugin.start?.()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#plugins().map((plugin) => plugin[Symbol.asyncDispose]()));
  }

  readonly #resolve: PluginContext['resolve'] = (query) => {
    const lower = lowerName(query.name);
    const route = this.#everywhere.find({ ...query, lower }) ?? this.blocks[0]?.routes[0];
    if (!route) throw new TypeError('no server block');
    return withDepthLimit(route.chain)({ ...query, lower });
  };

  #plugins(): readonly Plugin[] {
    return this.blocks.flatMap(({ plugins }) => plugins);
  }
}

function startBlock(
  plan: BlockPlan,
  parts: SiteParts,
  resolve: PluginContext['resolve'],
): RunningBlock {
  const [first] = plan.zones;
  const context: PluginContext = {
    ...parts,
    zones: plan.zones.map(({ zone }) => zone),
    server: `${first?.scheme ?? 'dns'}://:${first?.port ?? defaultPorts.dns}`,
    resolve,
    siblings: () => plugins,
  };
  const plugins: readonly Plugin[] = plan.plugins.map(({ make }) => make(context));
  const chain = buildChain(plugins);
  const anyClass = plan.plugins.some(({ name }) => name === 'chaos' || name === 'forward');
  const { view } = plan.settings;
  const routes = plan.zones.map(({ zone }) => ({
    zone,
    label: formatName(zone),
    chain,
    anyClass,
    viewName: view?.name,
    view: view && ((query: Query) => admits(view, query, parts)),
  }));
  return { plan, routes, plugins };
}

/** An expression that comes to no truth lets nothing in. */
function admits(
  { conditions }: NonNullable<BlockPlan['settings']['view']>,
  query: Query,
  { log }: SiteParts,
): boolean {
  try {
    return conditions.every((condition) => condition(query));
  } catch (error) {
    log.debug({ error: describeError(error) }, 'an expression of a view failed');
    return false;
  }
}
