import type { RouteEffects } from './route-effects.ts';

/** ACME (RFC 8555 §8.3) asks over plain HTTP, before there is a certificate to redirect to. */
export const acmePrefix = '/.well-known/acme-challenge';

/** `app-root`, `permanent-redirect`, `temporal-redirect`. */
export function redirects(effects: RouteEffects): void {
  const { annotations } = effects.site;
  const root = annotations.get('app-root');
  if (root !== undefined) effects.add({ kind: 'app-root', path: root });
  const temporal = annotations.get('temporal-redirect');
  if (temporal !== undefined) {
    const status = annotations.get('temporal-redirect-code') ?? 302;
    effects.add({ kind: 'redirect-url', status, location: location(temporal, effects) });
    return;
  }
  const permanent = annotations.get('permanent-redirect');
  if (permanent === undefined) return;
  const status = annotations.get('permanent-redirect-code') ?? 301;
  effects.add({ kind: 'redirect-url', status, location: location(permanent, effects) });
}

/** `ssl-redirect` and `force-ssl-redirect`, in the way of ingress-nginx. */
export function redirectToHttps(effects: RouteEffects): void {
  const { annotations, hasTls } = effects.site;
  const isWanted =
    annotations.get('force-ssl-redirect') === true ||
    (hasTls && annotations.get('ssl-redirect') !== false);
  if (!isWanted) return;
  effects.add({
    kind: 'https-redirect',
    status: annotations.settings['http-redirect-code'] ?? 308,
    keepsTrailingSlash: annotations.get('preserve-trailing-slash') === true,
    exempt: annotations.settings['no-tls-redirect-locations'] ?? [acmePrefix],
  });
}

function location(url: string, { site }: RouteEffects): string {
  if (site.annotations.get('relative-redirects') !== true) return url;
  const { pathname, search } = new URL(url);
  return pathname + search;
}
