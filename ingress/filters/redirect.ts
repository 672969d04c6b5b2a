import { hostName } from '../router/index.ts';
import type { FilterDefinition } from './filter.ts';
import type { FilteredRequest } from './filtered.ts';

/** Where to send clients. What is absent stays as it was asked for. */
export interface RedirectSettings {
  readonly status: 301 | 302 | 303 | 307 | 308;
  readonly scheme?: 'http' | 'https';
  /** Without port. */
  readonly host?: string;
  /** Absent: the one that belongs to the scheme if that changes, else the one asked for. */
  readonly port?: number;
  readonly path?:
    | { readonly kind: 'full'; readonly path: string }
    /** Replaces the part of the path that the route's own path matched. */
    | { readonly kind: 'prefix'; readonly prefix: string };
}

/** Sends clients elsewhere, with the query they came with. */
export const redirect: FilterDefinition<'redirect'> = {
  isAccessControl: false,
  create: (settings) => ({
    request: (request) => ({
      status: settings.status,
      fields: [['Location', location(settings, request)]],
      reason: 'redirect',
    }),
  }),
};

function location(settings: RedirectSettings, request: FilteredRequest): string {
  const scheme = settings.scheme ?? request.client.scheme;
  const asked = request.client.forwardedHost;
  const host = settings.host ?? hostName(asked);
  const port = settings.port ?? (settings.scheme === undefined ? portOf(asked) : undefined);
  const isDefault = port === undefined || port === (scheme === 'https' ? 443 : 80);
  const { target } = request.head;
  const query = target.indexOf('?');
  const path = redirectedPath(settings, request);
  const suffix = query < 0 ? '' : target.slice(query);
  return `${scheme}://${host}${isDefault ? '' : `:${port}`}${path}${suffix}`;
}

function redirectedPath({ path }: RedirectSettings, request: FilteredRequest): string {
  if (path === undefined) return request.head.target.replace(/\?.*$/s, '');
  if (path.kind === 'full') return path.path;
  const rest = request.path.slice(request.route.match.path.length);
  const joined = `${path.prefix.replace(/\/+$/, '')}${rest}`;
  return joined.startsWith('/') ? joined : `/${joined}`;
}

function portOf(authority: string): number | undefined {
  const port = /:(\d+)$/.exec(authority)?.[1];
  return port === undefined ? undefined : Number(port);
}
