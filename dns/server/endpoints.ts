import { networkInterfaces } from 'node:os';
import type { Scheme } from '../corefile/index.ts';
import type { RunningBlock } from './site.ts';
import { type Route, Router } from './router.ts';
import { type BlockSettings, defaultTimeouts, type StreamTimeouts } from './settings.ts';

/** Where a daemon is told to serve DNS. */
export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** One address to listen on, and the server blocks that share it. */
export interface EndpointPlan {
  readonly key: string;
  readonly scheme: Scheme;
  readonly host: string;
  readonly port: number;
  readonly router: Router;
  readonly tls: BlockSettings['tls'];
  readonly timeouts: StreamTimeouts;
}

/**
 * The addresses that blocks want. Blocks without `bind` listen where the daemon is told to; and
 * so that a Corefile that says port 53 needs neither root nor an edit, port 53 means the port that
 * the daemon is told.
 */
export function planEndpoints(
  blocks: readonly RunningBlock[],
  listen: readonly HostPort[],
): readonly EndpointPlan[] {
  const found = new Map<string, Omit<EndpointPlan, 'router'> & { readonly routes: Route[] }>();
  for (const { plan, routes } of blocks) {
    for (const [i, { scheme, port }] of plan.zones.entries()) {
      const route = routes[i];
      if (!route) continue;
      for (const place of placesOf(plan.settings.bind, listen, port)) {
        const key = `${scheme} ${place.host} ${place.port}`;
        const known = found.get(key) ?? {
          key,
          scheme,
          ...place,
          tls: plan.settings.tls,
          timeouts: plan.settings.timeouts ?? defaultTimeouts,
          routes: [],
        };
        known.routes.push(route);
        found.set(key, known);
      }
    }
  }
  return [...found.values()].map(({ routes, ...endpoint }) => ({
    ...endpoint,
    router: new Router(routes),
  }));
}

const dnsPort = 53;

function placesOf(
  bind: readonly string[] | undefined,
  listen: readonly HostPort[],
  port: number,
): readonly HostPort[] {
  if (bind === undefined) {
    return listen
      .map((place) => (port === dnsPort ? place : { ...place, port }))
      .flatMap(expandWildcard);
  }
  const told = listen[0]?.port ?? dnsPort;
  return bind
    .map((host) => ({ host, port: port === dnsPort ? told : port }))
    .flatMap(expandWildcard);
}

/**
 * A socket bound to a wildcard would reply from whichever address routing prefers, and clients
 * drop replies from an address that they did not ask; so there is one socket for each address.
 */
function expandWildcard({ host, port }: HostPort): readonly HostPort[] {
  if (host !== '0.0.0.0' && host !== '::') return [{ host, port }];
  const family = host === '::' ? 'IPv6' : 'IPv4';
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter((one) => one.family === family && !one.address.startsWith('fe80:'))
    .map(({ address }) => ({ host: address, port }));
}
