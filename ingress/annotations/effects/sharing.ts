import { unknownVariables } from '../../filters/template.ts';
import type { RouteSite, RouteEffects } from './route-effects.ts';

/** `limit-rps`, `limit-rpm`, `limit-connections`. */
export function limits(effects: RouteEffects): void {
  const { annotations, ingressKey } = effects.site;
  const perSecond = annotations.get('limit-rps');
  const perMinute = annotations.get('limit-rpm');
  const connections = annotations.get('limit-connections');
  if (perSecond === undefined && perMinute === undefined && connections === undefined) return;
  effects.add({
    kind: 'rate-limit',
    id: ingressKey,
    perSecond,
    perMinute,
    connections,
    burstMultiplier: annotations.get('limit-burst-multiplier') ?? 5,
    exempt: annotations.get('limit-allowlist') ?? [],
    status: annotations.settings['limit-req-status-code'] ?? 503,
    connectionsStatus: annotations.settings['limit-conn-status-code'] ?? 503,
  });
}

/** The cookie's name where clients are tied to endpoints. */
export function affinityCookie({
  annotations,
}: Pick<RouteSite, 'annotations'>): string | undefined {
  if (annotations.get('affinity') === undefined) return undefined;
  return annotations.get('session-cookie-name') ?? 'INGRESSCOOKIE';
}

/** `affinity`, and without it `upstream-hash-by`. */
export function stickiness(effects: RouteEffects): void {
  const { annotations, path } = effects.site;
  const cookie = affinityCookie(effects.site);
  if (cookie !== undefined) {
    effects.add({
      kind: 'affinity',
      cookie,
      path: annotations.get('session-cookie-path') ?? path,
      domain: annotations.get('session-cookie-domain'),
      maxAgeSec: annotations.get('session-cookie-max-age'),
      expiresSec: annotations.get('session-cookie-expires'),
      secure: annotations.get('session-cookie-secure') ?? 'auto',
      sameSite: annotations.get('session-cookie-samesite'),
      conditionalSameSiteNone: annotations.get('session-cookie-conditional-samesite-none') ?? false,
    });
    return;
  }
  const key = annotations.get('upstream-hash-by');
  if (key === undefined || key === '') return;
  const unknown = unknownVariables(key);
  if (unknown.length > 0) {
    const message = `$${unknown.join(', $')} does not exist, and is empty`;
    effects.warn('upstream-hash-by', 'UnknownVariable', message);
  }
  const isSubset = annotations.get('upstream-hash-by-subset') === true;
  const subsetSize = isSubset ? (annotations.get('upstream-hash-by-subset-size') ?? 3) : 1;
  effects.add({ kind: 'hash-by', key, subsetSize });
}
