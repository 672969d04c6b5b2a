import type { FilterConfig } from '../../filters/index.ts';
import { acmePrefix } from './redirects.ts';
import { readUsers } from './users.ts';
import type { RouteEffects } from './route-effects.ts';
import { serviceUrl } from './service-url.ts';

type Access = Extract<FilterConfig, { kind: 'access' }>;

/** Address lists, passwords, the authentication service. Whatever is unclear closes the route. */
export function access(effects: RouteEffects): void {
  const { annotations } = effects.site;
  const allow = annotations.get('allowlist-source-range') ?? [];
  const deny = annotations.get('denylist-source-range') ?? [];
  const sources = allow.length > 0 || deny.length > 0 ? { allow, deny } : undefined;
  const basic = basicAuth(effects);
  const external = externalAuth(effects);
  if (!sources && !basic && !external) return;
  const satisfy = annotations.get('satisfy') ?? 'all';
  const open = annotations.settings['no-auth-locations'] ?? [acmePrefix];
  effects.add({ kind: 'access', sources, basic, external, satisfy, open });
}

function basicAuth(effects: RouteEffects): Access['basic'] {
  const { annotations } = effects.site;
  const type = annotations.get('auth-type');
  if (type === undefined) return undefined;
  if (type === 'digest') {
    effects.close(
      'auth-type',
      'UnsupportedAnnotation',
      'digest is not supported',
      'basic over TLS, or auth-url',
    );
    return undefined;
  }
  const named = annotations.get('auth-secret');
  if (named === undefined) {
    effects.close('auth-type', 'NoSuchSecret', 'auth-type without auth-secret', 'auth-secret');
    return undefined;
  }
  const key = effects.ownKey('auth-secret', named);
  const secret = key === undefined ? undefined : effects.surroundings.secret(key);
  if (key === undefined) return undefined;
  if (!secret) {
    effects.close('auth-secret', 'NoSuchSecret', `Secret ${key} does not exist`);
    return undefined;
  }
  const read = readUsers(secret, annotations.get('auth-secret-type') ?? 'auth-file');
  if (read.kind === 'refused') {
    effects.close('auth-secret', 'InvalidSecret', `Secret ${key} ${read.why}`, read.instead);
    return undefined;
  }
  for (const { name, why } of read.unusable) {
    effects.warn(
      'auth-secret',
      'UnusableHash',
      `the hash of user "${name}" in Secret ${key} ${why}: nobody gets in with it`,
      'htpasswd -B',
    );
  }
  return { realm: annotations.get('auth-realm') ?? '', users: read.users };
}

function externalAuth(effects: RouteEffects): Access['external'] {
  const { annotations } = effects.site;
  const url = annotations.get('auth-url');
  if (url === undefined || url === '') return undefined;
  // The ConfigMap's, which an Ingress may decline.
  if (!annotations.has('auth-url') && annotations.get('enable-global-auth') === false)
    return undefined;
  const target = serviceUrl('auth-url', url, effects);
  const requestHeaders = authHeaders(effects);
  return {
    target,
    method: annotations.get('auth-method'),
    signin: annotations.get('auth-signin'),
    redirectParameter: annotations.get('auth-signin-redirect-param') ?? 'rd',
    requestRedirect: annotations.get('auth-request-redirect'),
    responseHeaders: annotations.get('auth-response-headers') ?? [],
    requestHeaders,
    alwaysSetCookie: annotations.get('auth-always-set-cookie') ?? false,
  };
}

function authHeaders(effects: RouteEffects): readonly (readonly [string, string])[] {
  const named = effects.site.annotations.get('auth-proxy-set-headers');
  const key = named && effects.ownKey('auth-proxy-set-headers', named);
  if (key === undefined) return [];
  const map = effects.surroundings.configMap(key);
  if (map) return Object.entries(map.data ?? {});
  effects.close('auth-proxy-set-headers', 'NoSuchConfigMap', `ConfigMap ${key} does not exist`);
  return [];
}
