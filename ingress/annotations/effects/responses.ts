import type { AnnotationName } from '../registry.ts';
import type { RouteEffects } from './route-effects.ts';
import { serviceUrl } from './service-url.ts';

/** `custom-headers`, `proxy-cookie-*`, `proxy-redirect-*`. */
export function responses(effects: RouteEffects): void {
  customHeaders(effects);
  const { annotations } = effects.site;
  const domain = replacement(annotations.get('proxy-cookie-domain'));
  const path = replacement(annotations.get('proxy-cookie-path'));
  if (domain || path) effects.add({ kind: 'cookie-rewrite', domain, path });
  const from = annotations.get('proxy-redirect-from');
  const to = annotations.get('proxy-redirect-to');
  if (from === undefined || to === undefined) return;
  if (['off', 'default'].includes(from) || ['off', 'default'].includes(to)) return;
  effects.add({ kind: 'location-rewrite', from, to });
}

/** `custom-http-errors`, worded by `default-backend`. */
export function errorPages(effects: RouteEffects): void {
  const { annotations, namespace, service } = effects.site;
  const statuses = annotations.get('custom-http-errors') ?? [];
  if (statuses.length === 0) return;
  if (annotations.get('disable-proxy-intercept-errors') === true) return;
  const named = annotations.get('default-backend');
  if (named === undefined) {
    effects.warn(
      'custom-http-errors',
      'NoDefaultBackend',
      'nobody is there to word the errors',
      'default-backend: a Service',
    );
    return;
  }
  const pool = effects.surroundings.pool(namespace, named);
  if (pool === undefined) {
    effects.warn(
      'default-backend',
      'NoSuchService',
      `Service ${namespace}/${named} does not exist, or has no TCP port`,
    );
    return;
  }
  effects.add({ kind: 'error-pages', statuses, pool, service: service.name, port: service.port });
}

/** `mirror-target`. */
export function mirroring(effects: RouteEffects): void {
  const { annotations } = effects.site;
  const url = annotations.get('mirror-target');
  if (url === undefined || url === '') return;
  const target = serviceUrl('mirror-target', url, effects);
  effects.add({ kind: 'mirror', target, host: annotations.get('mirror-host') });
}

function customHeaders(effects: RouteEffects): void {
  const name: AnnotationName = 'custom-headers';
  const named = effects.site.annotations.get(name);
  const key = named && effects.ownKey(name, named);
  if (key === undefined) return;
  const map = effects.surroundings.configMap(key);
  if (!map) return effects.close(name, 'NoSuchConfigMap', `ConfigMap ${key} does not exist`);
  const set = Object.entries(map.data ?? {});
  const wrong = set.find(([header]) => !/^[A-Za-z0-9-]+$/.test(header));
  if (wrong)
    return effects.close(
      name,
      'InvalidHeader',
      `"${wrong[0]}" in ConfigMap ${key} is no header name`,
    );
  const allowed = effects.site.annotations.settings['global-allowed-response-headers'];
  const lower = new Set(allowed?.map((one) => one.toLowerCase()));
  const unlisted = allowed && set.find(([header]) => !lower.has(header.toLowerCase()));
  if (unlisted) {
    const what = `"${unlisted[0]}" is not in global-allowed-response-headers`;
    return effects.close(name, 'HeaderNotAllowed', what, 'the ConfigMap of the controller');
  }
  effects.add({ kind: 'response-headers', remove: [], set, add: [] });
}

function replacement(text: string | undefined): { from: string; to: string } | undefined {
  const [from, to] = text?.split(' ') ?? [];
  return from === undefined || to === undefined ? undefined : { from, to };
}
