import type { Problem } from '../../controller/base/index.ts';
import { objectKey } from '../../controller/objects/index.ts';
import type { CertificateState } from './certificate-store.ts';
import { hostCertificate } from './host-certificate.ts';
import { ingressRef } from './ingress-ref.ts';
import type { ParsedBackend, ParsedIngress, ParsedPath } from './parse-ingress.ts';
import { byPrecedence, pathMatch } from './path-rule.ts';
import type { PoolRef, PoolState } from './pool-state.ts';
import type { HostRoutes, Route, RouteBackend } from './table.ts';

/** What a host needs to know of the rest. */
export interface HostContext {
  poolState(ref: PoolRef): PoolState;
  /** By `namespace/name`. */
  certificateState(secretKey: string): CertificateState;
  readonly nowMs: number;
}

/** One host, compiled, with what it depends on. */
export interface CompiledHost {
  readonly routes: HostRoutes;
  /** Pool keys, of Services that are there or not. */
  readonly pools: ReadonlySet<string>;
  /** Secret keys, likewise. */
  readonly secrets: ReadonlySet<string>;
  readonly problems: readonly Problem[];
}

/** Merges the Ingresses of one host. `ingresses`: those that have rules for it, oldest first. */
export function compileHost(
  host: string,
  ingresses: readonly ParsedIngress[],
  context: HostContext,
): CompiledHost {
  const problems: Problem[] = [];
  const pools = new Set<string>();
  const secrets = new Set<string>();
  const backendOf = (from: ParsedIngress, backend: ParsedBackend): RouteBackend => {
    pools.add(backend.pool.key);
    return routeBackend(from, backend, context, problems);
  };

  const tls = mergeTls(host, ingresses, secrets, context, problems);
  const redirects = ({ redirect }: ParsedIngress): boolean =>
    redirect.always || (tls.claimed && redirect.withTls);

  const claimed = claimPaths(host, ingresses, problems);
  const routes = claimed.map(({ from, path }) => ({
    ...routeIdentity(host, from, path),
    backend: backendOf(from, path),
    httpsRedirect: redirects(from),
    filters: [],
    options: undefined,
  }));
  const [oldest] = ingresses;
  const withDefault = ingresses.find((one) => one.defaultBackend !== undefined);
  return {
    routes: {
      host,
      routes: routes.toSorted(byPrecedence),
      defaultBackend:
        withDefault?.defaultBackend && backendOf(withDefault, withDefault.defaultBackend),
      certificate: tls.certificate,
      tls: tls.claimed,
      httpsRedirect: oldest !== undefined && redirects(oldest),
    },
    pools,
    secrets,
    problems,
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

interface Claim {
  readonly from: ParsedIngress;
  readonly path: ParsedPath;
}

/** Each path and type once: the oldest Ingress has it, whole, and the others are told. */
function claimPaths(
  host: string,
  ingresses: readonly ParsedIngress[],
  problems: Problem[],
): readonly Claim[] {
  const claims = new Map<string, Claim>();
  for (const from of ingresses) {
    for (const path of from.hosts.get(host) ?? []) {
      const key = `${path.pathType} ${path.path}`;
      const winner = claims.get(key);
      if (winner) problems.push(pathConflict(host, { from, path }, winner));
      else claims.set(key, { from, path });
    }
  }
  return [...claims.values()];
}

function pathConflict(host: string, loser: Claim, winner: Claim): Problem {
  const { path, pathType, field } = loser.path;
  const where = `${host || 'every host'}${path} (${pathType})`;
  const by = objectKey(winner.from.ingress.metadata);
  const own = by === objectKey(loser.from.ingress.metadata);
  return {
    severity: 'error',
    reason: 'PathConflict',
    message: own
      ? `${where} is listed twice; ${winner.path.field} serves it`
      : `${where} already belongs to Ingress ${by}, which comes first by age, then by name, and serves it`,
    instead: 'another path or host, or remove one of the two',
    object: ingressRef(loser.from.ingress, field.replace(/\.backend$/, '.path')),
  };
}

function routeIdentity(
  host: string,
  { ingress }: ParsedIngress,
  { path, pathType }: ParsedPath,
): Pick<Route, 'id' | 'path' | 'pathType' | 'match' | 'ingress'> {
  return {
    id: `${objectKey(ingress.metadata)}/${host}/${pathType}${path}`,
    path,
    pathType,
    match: pathMatch(path, pathType),
    ingress: ingressRef(ingress),
  };
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
