import { isDeepStrictEqual } from 'node:util';
import { objectKey, type ServiceBundle } from '../../controller/objects/index.ts';
import { type PoolRef, type PoolState, poolState } from './pool-state.ts';
import { References } from './references.ts';
import type { Pool } from './table.ts';

/** A pool of the table from now on; undefined: no longer in it. */
export interface PoolChange {
  readonly key: string;
  readonly pool: Pool | undefined;
}

/** The pools that sites (hosts, the default backend) use, kept up with their Services. */
export class PoolStore {
  readonly #bundles = new Map<string, ServiceBundle>();
  readonly #entries = new Map<string, { readonly ref: PoolRef; readonly state: PoolState }>();
  /** User: pool key. Used: Service key. */
  readonly #services = new References();
  /** User: site. Used: pool key. */
  readonly #sites = new References();
  readonly #changed = new Set<string>();

  /**
   * Takes a Service's state in. Returns the sites that must be compiled again: those for which a
   * Service port came to exist or ceased to. Endpoints alone concern no site.
   */
  setBundle(serviceKey: string, bundle: ServiceBundle | undefined): ReadonlySet<string> {
    if (bundle) this.#bundles.set(serviceKey, bundle);
    else this.#bundles.delete(serviceKey);
    const sites = new Set<string>();
    for (const key of this.#services.usersOf(serviceKey)) {
      const entry = this.#entries.get(key);
      if (!entry) continue;
      const state = poolState(entry.ref, bundle);
      if (isDeepStrictEqual(state, entry.state)) continue;
      this.#entries.set(key, { ref: entry.ref, state });
      this.#changed.add(key);
      if (sameForRoutes(state, entry.state)) continue;
      for (const site of this.#sites.usersOf(key)) sites.add(site);
    }
    return sites;
  }

  /** The state of a Service port, which is kept up from now on as long as some site uses it. */
  state(ref: PoolRef): PoolState {
    const known = this.#entries.get(ref.key);
    if (known) return known.state;
    const serviceKey = objectKey({ namespace: ref.namespace, name: ref.service });
    const state = poolState(ref, this.#bundles.get(serviceKey));
    this.#entries.set(ref.key, { ref, state });
    this.#services.set(ref.key, new Set([serviceKey]));
    this.#changed.add(ref.key);
    return state;
  }

  /** Replaces what a site uses. Pools that nobody uses any more are dropped. */
  setUser(site: string, keys: ReadonlySet<string>): void {
    const before = this.#sites.usedBy(site);
    this.#sites.set(site, keys);
    for (const key of before) {
      if (this.#sites.usersOf(key).size > 0) continue;
      this.#entries.delete(key);
      this.#services.set(key, new Set());
      this.#changed.add(key);
    }
  }

  /** What changed since the last call. */
  takeChanges(): readonly PoolChange[] {
    const changes = [...this.#changed].map((key) => {
      const state = this.#entries.get(key)?.state;
      return { key, pool: state?.kind === 'pool' ? state.pool : undefined };
    });
    this.#changed.clear();
    return changes;
  }
}

/** Routes and problems read only whether there is a pool, and what is to be said of it. */
function sameForRoutes(a: PoolState, b: PoolState): boolean {
  return a.kind === b.kind && isDeepStrictEqual(a.notice, b.notice);
}
