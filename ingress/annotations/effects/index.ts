import { access } from './access.ts';
import { crossOrigin } from './cors.ts';
import { everywhere } from './everywhere.ts';
import { options } from './options.ts';
import { redirects, redirectToHttps } from './redirects.ts';
import { errorPages, mirroring, responses } from './responses.ts';
import { rewriting } from './rewriting.ts';
import { RouteEffects, type RouteSite, type Surroundings } from './route-effects.ts';
import { limits, stickiness } from './sharing.ts';
import { snippets } from './snippets.ts';
import { upstreamTls } from './upstream-tls.ts';

export { canaryFilter } from './canary.ts';
export { hostGuard, type HostGuard, unguarded } from './client-tls.ts';
export { pathPattern, wantsPatterns } from './rewriting.ts';
export type { Profile, RouteEffects, RouteSite, Surroundings } from './route-effects.ts';

/** What the annotations of a route come to. */
export function routeEffects(site: RouteSite, surroundings: Surroundings): RouteEffects {
  const effects = new RouteEffects(site, surroundings);
  if (site.profile === 'nginx') redirectToHttps(effects);
  everywhere(effects);
  // Before snippets, which have the last word on them.
  options(effects);
  if (!site.annotations.isEmpty) {
    redirects(effects);
    rewriting(effects);
    upstreamTls(effects);
    crossOrigin(effects);
    limits(effects);
    access(effects);
    stickiness(effects);
    errorPages(effects);
    responses(effects);
    mirroring(effects);
    snippets(effects);
  }
  return effects;
}
