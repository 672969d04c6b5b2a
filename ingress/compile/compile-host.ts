import type { Problem } from '../../controller/base/index.ts';
import { type ConfigMap, objectKey, type Secret } from '../../controller/objects/index.ts';
import {
  hostGuard,
  type HostGuard,
  type Surroundings,
  unguarded,
} from '../annotations/effects/index.ts';
import type { CertificateState } from './certificate-store.ts';
import { hostCertificate } from './host-certificate.ts';
import { ownersOf, redirectRoute } from './further-hosts.ts';
import { ingressRef } from './ingress-ref.ts';
import { compileRoutes, hostProfile, redirectsToHttps } from './compile-routes.ts';
import type { ParsedBackend, ParsedIngress } from './parse-ingress.ts';
import { poolRef, type PoolRef, type PoolState } from './pool-state.ts';
import type { HostRoutes, Route, RouteBackend } from './table.ts';

/** What a host needs to know of the rest. */
export interface HostContext {
  poolState(ref: PoolRef): PoolState;
  /** By `namespace/name`. */
  certificateState(secretKey: string): CertificateState;
  /** By `namespace/name`. */
  secret(key: string): Secret | undefined;
  /** By `namespace/name`. */
  configMap(key: string): ConfigMap | undefined;
  readonly nowMs: number;
}

/** One host, compiled, with what it depends on. */
export interface CompiledHost {
  readonly routes: HostRoutes;
  /** Pool keys, of Services that are there or not. */
  readonly pools: ReadonlySet<string>;
  /** Secret keys, likewise. */
  readonly secrets: ReadonlySet<string>;
  /** ConfigMap keys, likewise. */
  readonly configMaps: ReadonlySet<string>;
  readonly problems: readonly Problem[];
}

/** Merges the Ingresses of one host. `claiming`: those that name it, oldest first. */
export function compileHost(
  host: string,
  claiming: readonly ParsedIngress[],
  context: HostContext,
): CompiledHost {
  const problems: Problem[] = [];
  const ingresses = ownersOf(host, claiming, problems);
  const redirect = ingresses.length > 0 ? undefined : redirectRoute(host, claiming);
  const pools = new Set<string>();
  const secrets = new Set<string>();
  const configMaps = new Set<string>();
  const backendOf = (from: ParsedIngress, backend: ParsedBackend): RouteBackend => {
    pools.add(backend.pool.key);
    return routeBackend(from, backend, context, problems);
  };

  const tls = mergeTls(host, redirect ? claiming : ingresses, secrets, context, problems);
  const surroundings = surroundingsOf(context, { pools, secrets, configMaps });
  const guard = guardOf(ingresses, surroundings);
  problems.push(...guard.problems);
  const passing = passthroughPool(host, ingresses, backendOf);
  // What ends TLS itself is not to be asked in clear.
  const hasTls = tls.claimed || passing !== undefined;
  const compiled = compileRoutes(host, ingresses, {
    hasTls,
    guard,
    backendOf,
    surroundings,
    problems,
  });
  const routes = redirect ? [redirect] : compiled;
  const [oldest] = ingresses;
  const withDefault = ingresses.find((one) => one.defaultBackend !== undefined);
  return {
    routes: {
      host,
      routes,
      defaultBackend:
        withDefault?.defaultBackend && backendOf(withDefault, withDefault.defaultBackend),
      certificate: tls.certificate,
      tls: hasTls,
      ...(passing !== undefined && { passthrough: passing }),
      ...(guard.authority && { clientAuthority: guard.authority }),
      ...((hostProfile(ingresses) === 'nginx' || routes.some(isGuarded)) && { mergeSlashes: true }),
      httpsRedirect: oldest !== undefined && redirectsToHttps(oldest, hasTls),
    },
    pools,
    secrets,
    configMaps,
    problems,
  };
}

/** Somebody is kept out of it: no other spelling of its path may lead elsewhere. */
function isGuarded({ filters }: Route): boolean {
  return filters.some(({ kind }) => kind === 'access');
}

/** The oldest Ingress that asks for client certificates decides for the host. */
function guardOf(ingresses: readonly ParsedIngress[], surroundings: Surroundings): HostGuard {
  const asking = ingresses.find(
    ({ annotations, isCanary }) => !isCanary && annotations.asksFor('auth-tls-secret'),
  );
  if (!asking) return unguarded;
  const { annotations, ingress } = asking;
  // The Ingress itself is closed then; the host's other Ingresses must not be a way around it.
  const isUnclear = guarding.some(
    (name) => annotations.asksFor(name) && annotations.get(name) === undefined,
  );
  if (isUnclear) return { ...unguarded, closed: 'InvalidAnnotation' };
  return hostGuard({ annotations, namespace: ingress.metadata.namespace ?? '' }, surroundings);
}

/** Who may come to a host depends on each of them. */
const guarding = ['auth-tls-secret', 'auth-tls-verify-client', 'auth-tls-match-cn'] as const;

/** `ssl-passthrough`: to the Service of the host's path `/`, or else of its first path. */
function passthroughPool(
  host: string,
  ingresses: readonly ParsedIngress[],
  backendOf: (from: ParsedIngress, backend: ParsedBackend) => RouteBackend,
): string | undefined {
  const asking = ingresses.find(
    ({ annotations, isCanary }) => !isCanary && annotations.get('ssl-passthrough') === true,
  );
  const paths = asking?.hosts.get(host) ?? [];
  const backend = paths.find(({ path }) => path === '/') ?? paths[0];
  // Clients that name no host cannot be told from those of others.
  if (!asking || !backend || host === '') return undefined;
  const made = backendOf(asking, backend);
  return made.kind === 'pool' ? made.pool : undefined;
}

/** Other objects, with a note of each that was asked for. */
function surroundingsOf(
  context: HostContext,
  asked: {
    readonly pools: Set<string>;
    readonly secrets: Set<string>;
    readonly configMaps: Set<string>;
  },
): Surroundings {
  return {
    secret(key) {
      asked.secrets.add(key);
      return context.secret(key);
    },
    configMap(key) {
      asked.configMaps.add(key);
      return context.configMap(key);
    },
    pool(namespace, service, number) {
      const ref = poolRef(namespace, service, number === undefined ? {} : { number });
      asked.pools.add(ref.key);
      return context.poolState(ref).kind === 'pool' ? ref.key : undefined;
    },
  };
}

/**
 * What serves one backend. A Service that is missing keeps its route: the path stays taken, and
 * answers 503, rather than fall to some other route.
 */
export function routeBackend(
  from: ParsedIngress,
  { pool, field }: ParsedBackend,
  context: Pick<HostContext, 'poolState'>,
  problems: Problem[],
): RouteBackend {
  const state = context.poolState(pool);
  if (state.notice) {
    problems.push({ ...state.notice, object: ingressRef(from.ingress, field) });
  }
  return state.kind === 'pool'
    ? { kind: 'pool', pool: pool.key }
    : { kind: 'unavailable', status: 503, reason: state.notice.reason };
}

/** TLS belongs to the host, not to an Ingress: the first that brings a certificate sets it. */
function mergeTls(
  host: string,
  ingresses: readonly ParsedIngress[],
  secrets: Set<string>,
  context: HostContext,
  problems: Problem[],
): { readonly claimed: boolean; readonly certificate: string | undefined } {
  let claimed = false;
  let certificate: string | undefined;
  for (const { ingress } of ingresses) {
    const stateOf = (name: string): CertificateState => {
      const key = objectKey({ namespace: ingress.metadata.namespace ?? '', name });
      secrets.add(key);
      return context.certificateState(key);
    };
    const tls = hostCertificate(ingress, host, stateOf, context.nowMs);
    claimed ||= tls.claimed;
    certificate ??= tls.certificate?.id;
    problems.push(...tls.problems);
  }
  return { claimed, certificate };
}
