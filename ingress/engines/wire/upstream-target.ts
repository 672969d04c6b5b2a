import type { RouteMatch, Router } from '../../router/index.ts';

/**
 * The target as it came, unless an endpoint that does not normalise would see another route's
 * path in it: then the normalised one.
 */
export function targetFor(
  router: Router,
  { route }: RouteMatch,
  place: {
    readonly target: string;
    readonly path: string;
    readonly host: string;
    readonly rawPath: string;
  },
): string {
  const { target, path, host, rawPath } = place;
  return router.match(host, rawPath)?.route === route
    ? target
    : path + target.slice(rawPath.length);
}
