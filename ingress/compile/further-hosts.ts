import type { Problem } from '../../controller/base/index.ts';
import { objectKey } from '../../controller/objects/index.ts';
import type { IngressAnnotations } from '../annotations/index.ts';
import { ingressRef } from './ingress-ref.ts';
import type { ParsedIngress, ParsedPath } from './parse-ingress.ts';
import type { Route } from './table.ts';

/** Names that an Ingress gives to its hosts beside those in its rules. */
export interface FurtherHosts {
  /** `server-alias`: the paths of the Ingress, under one more name. */
  readonly aliases: ReadonlyMap<string, readonly ParsedPath[]>;
  /** `from-to-www-redirect`: the host to which this one sends everybody. */
  readonly redirects: ReadonlyMap<string, string>;
}

/** Reads both annotations. Patterns among the aliases are left out, and reported. */
export function furtherHosts(
  annotations: IngressAnnotations,
  hosts: ReadonlyMap<string, readonly ParsedPath[]>,
  problems: Problem[],
): FurtherHosts {
  const aliases = new Map<string, readonly ParsedPath[]>();
  const redirects = new Map<string, string>();
  for (const alias of annotations.get('server-alias') ?? []) {
    if (!alias.startsWith('~')) {
      aliases.set(alias, [...hosts.values()].flat());
      continue;
    }
    const message = `the alias "${alias.slice(0, 64)}" is a regular expression, and left out`;
    problems.push(
      annotations.problem('server-alias', {
        severity: 'warning',
        reason: 'AliasPattern',
        message,
        instead: 'the names themselves, or *.suffix',
      }),
    );
  }
  if (annotations.get('from-to-www-redirect') === true) {
    for (const host of hosts.keys()) {
      if (host !== '' && !host.startsWith('*')) redirects.set(otherName(host), host);
    }
  }
  return { aliases, redirects };
}

/**
 * The Ingresses that a host belongs to: those with a rule for it, else those with an alias for it,
 * as if they had a rule.
 */
export function ownersOf(
  host: string,
  ingresses: readonly ParsedIngress[],
  problems: Problem[],
): readonly ParsedIngress[] {
  const owners = ingresses.filter((one) => one.hosts.has(host));
  const aliasing = ingresses.filter((one) => one.further.aliases.has(host));
  const [owner] = owners;
  if (!owner) return aliasing.map((one) => ({ ...one, hosts: one.further.aliases }));
  for (const one of aliasing) {
    if (owners.includes(one)) continue;
    problems.push({
      severity: 'warning',
      reason: 'AliasTaken',
      message: `the alias ${host} is a host of Ingress ${objectKey(owner.ingress.metadata)}, which serves it`,
      object: ingressRef(one.ingress),
    });
  }
  return owners;
}

/** The one route of a host that only sends everybody to its other name. */
export function redirectRoute(
  host: string,
  ingresses: readonly ParsedIngress[],
): Route | undefined {
  const from = ingresses.find((one) => one.further.redirects.has(host));
  const to = from?.further.redirects.get(host);
  if (!from || to === undefined) return undefined;
  return {
    id: `${objectKey(from.ingress.metadata)}/${host}/www`,
    path: '/',
    pathType: 'Prefix',
    match: { kind: 'prefix', path: '' },
    backend: { kind: 'unavailable', status: 503, reason: 'RedirectOnly' },
    httpsRedirect: false,
    filters: [{ kind: 'redirect', status: 308, host: to }],
    options: undefined,
    ingress: ingressRef(from.ingress),
  };
}

function otherName(host: string): string {
  return host.startsWith('www.') ? host.slice(4) : `www.${host}`;
}
