import type { Problem } from '../../controller/base/index.ts';
import { objectKey } from '../../controller/objects/index.ts';
import {
  canaryFilter,
  type HostGuard,
  pathPattern,
  type Profile,
  routeEffects,
  type Surroundings,
  wantsPatterns,
} from '../annotations/effects/index.ts';
import type { FilterConfig } from '../filters/index.ts';
import { patternError } from '../pattern/index.ts';
import { claimPaths, type Claim } from './claim-paths.ts';
import { ingressRef } from './ingress-ref.ts';
import type { ParsedBackend, ParsedIngress } from './parse-ingress.ts';
import { byPrecedence, pathMatch } from './path-rule.ts';
import { byPatternLength, trailingSlashRoutes } from './nginx-habits.ts';
import type { Route, RouteBackend } from './table.ts';

/** What the routes of a host need to know of the rest. */
export interface RoutesContext {
  readonly hasTls: boolean;
  readonly guard: HostGuard;
  readonly backendOf: (from: ParsedIngress, backend: ParsedBackend) => RouteBackend;
  readonly surroundings: Surroundings;
  readonly problems: Problem[];
}

/** The routes of one host, in order of precedence. `ingresses`: oldest first. */
export function compileRoutes(
  host: string,
  ingresses: readonly ParsedIngress[],
  context: RoutesContext,
): readonly Route[] {
  const mains = ingresses.filter((one) => !one.isCanary);
  const claims = withImplicitRoot(mains, claimPaths(host, mains, context.problems), context);
  const canaries = claimPaths(
    host,
    ingresses.filter((one) => one.isCanary),
    context.problems,
  );
  const profile = hostProfile(mains);
  const switching = claims.find(({ from, path }) => wantsPatterns(from.annotations, path.path));
  if (switching) reportPatternHost(host, claims, switching, context.problems);
  const routes = claims.flatMap(
    (claim) => compileRoute(host, claim, profile, switching !== undefined, canaries, context) ?? [],
  );
  reportLoneCanaries(host, claims, canaries, context.problems);
  if (switching) return routes.toSorted(byPatternLength);
  const extra = profile === 'nginx' ? trailingSlashRoutes(routes) : [];
  return [...routes, ...extra].toSorted(byPrecedence);
}

/** A host is ingress-nginx's as soon as one of its Ingresses is. */
export function hostProfile(ingresses: readonly ParsedIngress[]): Profile {
  return ingresses.some((one) => one.profile === 'nginx') ? 'nginx' : 'standard';
}

function compileRoute(
  host: string,
  claim: Claim,
  profile: Profile,
  hasPatterns: boolean,
  canaries: readonly Claim[],
  context: RoutesContext,
): Route | undefined {
  const { from, path } = claim;
  const { annotations, ingress } = from;
  const match = hasPatterns
    ? ({ kind: 'regex', path: pathPattern(path.path) } as const)
    : pathMatch(path.path, path.pathType);
  const wrong = hasPatterns ? patternError(match.path) : undefined;
  if (wrong !== undefined) {
    context.problems.push(invalidPattern(claim, wrong));
    return undefined;
  }
  const ingressKey = objectKey(ingress.metadata);
  const effects = routeEffects(
    {
      annotations,
      profile,
      namespace: ingress.metadata.namespace ?? '',
      ingressKey,
      host,
      path: path.path,
      pathType: path.pathType,
      hasTls: context.hasTls,
      service: { name: path.pool.service, port: path.pool.key.split(':').at(-1) ?? '' },
    },
    context.surroundings,
  );
  context.problems.push(...effects.problems);
  const closed = effects.closed ?? context.guard.closed;
  const backend = context.backendOf(from, path);
  const canary = canaries.find((one) => one.key === claim.key);
  const added = canary
    ? [
        canaryFilter(
          canary.from.annotations,
          annotations,
          context.backendOf(canary.from, canary.path),
        ),
      ]
    : [];
  return {
    id: `${ingressKey}/${host}/${path.pathType}${path.path}`,
    path: path.path,
    pathType: path.pathType,
    match,
    ingress: ingressRef(ingress),
    backend: closed === undefined ? backend : { kind: 'unavailable', status: 503, reason: closed },
    httpsRedirect: profile === 'standard' && redirectsToHttps(from, context.hasTls),
    // Nobody may be let in, or sent on, by a filter of a route that is closed.
    filters: closed === undefined ? [...guarded(context.guard, effects.filters), ...added] : [],
    options: effects.options,
  };
}

/** The host's filters and the route's own. */
function guarded(guard: HostGuard, own: readonly FilterConfig[]): readonly FilterConfig[] {
  const redirectsPlain = own.some(({ kind }) => kind === 'https-redirect');
  const first = guard.filters.map((one) =>
    one.kind === 'client-certificate' ? { ...one, redirectsPlain } : one,
  );
  return [...first, ...own];
}

/**
 * A path `/` for hosts that have none, to their default backend: so that what an Ingress says of
 * its paths holds for requests that no path takes.
 */
function withImplicitRoot(
  ingresses: readonly ParsedIngress[],
  claims: readonly Claim[],
  { guard }: RoutesContext,
): readonly Claim[] {
  const from = ingresses.find((one) => one.defaultBackend !== undefined);
  const backend = from?.defaultBackend;
  if (!from || !backend) return claims;
  const isGuarded = guard.filters.length > 0 || guard.closed !== undefined;
  if (from.annotations.isEmpty && !isGuarded) return claims;
  if (claims.some(({ path }) => path.path === '/' && path.pathType !== 'Exact')) return claims;
  const path = { ...backend, path: '/', pathType: 'Prefix' } as const;
  return [...claims, { key: `${path.pathType} ${path.path}`, from, path }];
}

/** `ssl-redirect` and `force-ssl-redirect`. */
export function redirectsToHttps({ annotations }: ParsedIngress, hasTls: boolean): boolean {
  return (
    annotations.get('force-ssl-redirect') === true ||
    (hasTls && annotations.get('ssl-redirect') !== false)
  );
}

function invalidPattern({ from, path }: Claim, why: string): Problem {
  return {
    severity: 'error',
    reason: 'InvalidPattern',
    message: `path "${path.path}" is a regular expression here, and ${why}; it is left out`,
    instead: 'a simpler pattern',
    object: ingressRef(from.ingress, path.field.replace(/\.backend$/, '.path')),
  };
}

/** Only where it surprises: other Ingresses' paths, or paths that were to match exactly. */
function reportPatternHost(
  host: string,
  claims: readonly Claim[],
  switching: Claim,
  problems: Problem[],
): void {
  const by = objectKey(switching.from.ingress.metadata);
  for (const { from, path } of claims) {
    const isSurprising = path.pathType === 'Exact' || from !== switching.from;
    if (!isSurprising || wantsPatterns(from.annotations, path.path)) continue;
    problems.push({
      severity: 'warning',
      reason: 'PathIsPattern',
      message: `Ingress ${by} makes regular expressions of all paths of ${host || 'every host'}: "${path.path}" also matches whatever begins so, in any case`,
      instead: 'a host of its own for rewrite-target and use-regex',
      object: ingressRef(from.ingress, path.field.replace(/\.backend$/, '.path')),
    });
  }
}

function reportLoneCanaries(
  host: string,
  claims: readonly Claim[],
  canaries: readonly Claim[],
  problems: Problem[],
): void {
  const keys = new Set(claims.map(({ key }) => key));
  for (const { key, from, path } of canaries) {
    if (keys.has(key)) continue;
    problems.push({
      severity: 'warning',
      reason: 'CanaryWithoutMain',
      message: `no other Ingress has ${host || 'every host'}${path.path} (${path.pathType}), so this canary serves nothing`,
      instead: 'the same host, path and pathType as the Ingress that it accompanies',
      object: ingressRef(from.ingress, path.field.replace(/\.backend$/, '.path')),
    });
  }
}
