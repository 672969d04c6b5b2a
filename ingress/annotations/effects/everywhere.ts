import type { ControllerKey } from '../controller-keys.ts';
import type { RouteEffects } from './route-effects.ts';

/** What the controller's ConfigMap asks for on every route. */
export function everywhere(effects: RouteEffects): void {
  const { settings } = effects.site.annotations;
  blocking(effects);
  const hsts = strictTransport(effects);
  if (hsts !== undefined) effects.add({ kind: 'strict-transport', value: hsts });
  const hidden = settings['hide-headers'] ?? [];
  const added = namedHeaders('add-headers', effects);
  if (hidden.length > 0 || added.length > 0) {
    effects.add({ kind: 'response-headers', remove: hidden, set: added, add: [] });
  }
  const sent = namedHeaders('proxy-set-headers', effects);
  const original = [['X-Original-URI', '$request_uri']] as const;
  const request = settings['proxy-add-original-uri-header'] ? [...sent, ...original] : sent;
  if (request.length > 0) effects.add({ kind: 'header-templates', request, response: [] });
}

function blocking(effects: RouteEffects): void {
  const { settings } = effects.site.annotations;
  const networks = settings['block-cidrs'] ?? [];
  const userAgents = settings['block-user-agents'] ?? [];
  const referers = settings['block-referers'] ?? [];
  if (networks.length + userAgents.length + referers.length === 0) return;
  effects.add({ kind: 'block', networks, userAgents, referers });
}

/** Undefined: the engine's own is what is asked for. */
function strictTransport({ site }: RouteEffects): string | undefined {
  const { settings } = site.annotations;
  if (settings.hsts === false) return '';
  const age = settings['hsts-max-age'];
  const subdomains = settings['hsts-include-subdomains'];
  const preload = settings['hsts-preload'];
  if (age === undefined && subdomains === undefined && preload === undefined) return undefined;
  const parts = [`max-age=${age ?? 31_536_000}`];
  if (subdomains !== false) parts.push('includeSubDomains');
  if (preload === true) parts.push('preload');
  return parts.join('; ');
}

/** The headers of a ConfigMap that the controller's names; nothing while it is missing. */
function namedHeaders(
  key: ControllerKey & ('add-headers' | 'proxy-set-headers'),
  { site, surroundings }: RouteEffects,
): readonly (readonly [string, string])[] {
  const named = site.annotations.settings[key];
  if (named === undefined) return [];
  const map = surroundings.configMap(`${named.namespace ?? site.namespace}/${named.name}`);
  return Object.entries(map?.data ?? {}).filter(([name]) => /^[A-Za-z0-9_-]+$/.test(name));
}
