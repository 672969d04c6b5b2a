import type { Next } from '../plugins/plugin.ts';
import { isWithin, type Name, recordType } from '../wire/index.ts';

/** One zone of a server block. */
export interface Route {
  readonly zone: Name;
  /** The zone as metrics show it. */
  readonly label: string;
  readonly chain: Next;
  /** Some plugin knows classes besides IN. */
  readonly anyClass: boolean;
}

/** Which server block answers a name at one listening address. */
export class Router {
  readonly #routes: readonly Route[];

  constructor(routes: readonly Route[]) {
    // The longest zone is the closest one.
    this.#routes = routes.toSorted((a, b) => b.zone.length - a.zone.length);
  }

  /** Undefined: no block serves this name here. */
  find(lower: Name, type: number): Route | undefined {
    let own: Route | undefined;
    for (const route of this.#routes) {
      if (!isWithin(lower, route.zone)) continue;
      // DS belongs to the parent's side of a zone cut (RFC 4035 §3.1.4.1).
      if (type !== recordType.DS || route.zone.length < lower.length) return route;
      own ??= route;
    }
    return own;
  }
}
