import type { Next, Query } from '../plugins/plugin.ts';
import { isWithin, type Name, recordType } from '../wire/index.ts';

/** One zone of a server block. */
export interface Route {
  readonly zone: Name;
  /** The zone as metrics show it. */
  readonly label: string;
  readonly chain: Next;
  /** Whether the block takes this query at all; undefined: it takes every one. */
  readonly view?: ((query: Query) => boolean) | undefined;
  /** As metrics show it. */
  readonly viewName?: string | undefined;
  /** Some plugin knows classes besides IN. */
  readonly anyClass: boolean;
}

/** Which server block answers a name at one listening address. */
export class Router {
  readonly #routes: readonly Route[];

  constructor(routes: readonly Route[]) {
    // The longest zone is the closest one; of several blocks for one zone the first that takes it.
    this.#routes = routes.toSorted((a, b) => b.zone.length - a.zone.length);
  }

  /** Two queries of the same octets may lead to different blocks. */
  get hasViews(): boolean {
    return this.#routes.some(({ view }) => view !== undefined);
  }

  /** Undefined: no block serves this name here. */
  find(query: Query): Route | undefined {
    const { lower, type } = query;
    let own: Route | undefined;
    for (const route of this.#routes) {
      if (!isWithin(lower, route.zone)) continue;
      if (route.view && !route.view(query)) continue;
      // DS belongs to the parent's side of a zone cut (RFC 4035 §3.1.4.1).
      if (type !== recordType.DS || route.zone.length < lower.length) return route;
      own ??= route;
    }
    return own;
  }
}
