import type { HostRoutes, Route } from '../compile/table.ts';

/**
 * Finds the route of a path among those of one host: one lookup for Exact, then one for each
 * `/` of the path from the right. So the cost is that of the path's depth, not of the number of
 * routes, and the first hit is the longest.
 */
export class PathMatcher {
  readonly #exact = new Map<string, Route>();
  readonly #prefixes = new Map<string, Route>();
  /** Cuts longer than this cannot match: bounds the work for paths that are all slashes. */
  readonly #longestPrefix: number;

  constructor({ routes }: HostRoutes) {
    let longest = -1;
    for (const route of routes) {
      const { kind, path } = route.match;
      const map = kind === 'exact' ? this.#exact : this.#prefixes;
      // Routes come in order of precedence: of equal matches the first serves.
      if (!map.has(path)) map.set(path, route);
      if (kind === 'prefix') longest = Math.max(longest, path.length);
    }
    this.#longestPrefix = longest;
  }

  /** `path` normalised, without query. */
  match(path: string): Route | undefined {
    const exact = this.#exact.get(path);
    if (exact || this.#longestPrefix < 0) return exact;
    const whole = path.length <= this.#longestPrefix ? this.#prefixes.get(path) : undefined;
    if (whole) return whole;
    let cut = path.lastIndexOf('/', this.#longestPrefix);
    while (cut >= 0) {
      const found = this.#prefixes.get(path.slice(0, cut));
      if (found) return found;
      cut = cut === 0 ? -1 : path.lastIndexOf('/', cut - 1);
    }
    return undefined;
  }
}
