import type { HostRoutes, Route } from '../compile/table.ts';
import { compilePattern, type Pattern } from '../pattern/index.ts';

/** Longer paths match no pattern: what a pattern costs is bounded by what it is given. */
const longestPath = 16_384;

/** Finds the route of a path where routes are regular expressions: the first that matches. */
export class RegexMatcher {
  readonly #routes: readonly { readonly route: Route; readonly pattern: Pattern }[];

  constructor({ routes }: HostRoutes) {
    this.#routes = routes.map((route) => ({ route, pattern: compilePattern(route.match.path) }));
  }

  /** `path` normalised, without query. */
  match(path: string): Route | undefined {
    if (path.length > longestPath) return undefined;
    return this.#routes.find(({ pattern }) => pattern.test(path))?.route;
  }
}
