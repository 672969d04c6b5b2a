import { DataPlaneError, type Log, type Problem } from '../../controller/base/index.ts';
import type { DnsProbes } from '../../dns/index.ts';
import { type AdminRoute, AdminServer, plainText } from '../admin/server.ts';
import type { HostPort } from '../config/index.ts';

/** What the probe addresses of a Corefile answer from. */
export interface DnsProbeOptions {
  readonly probes: DnsProbes;
  /** Where probes listen whose line names no host: where DNS does. */
  readonly host: string;
  /** Addresses that other parts of the daemon use. */
  readonly taken: readonly HostPort[];
  /** Of the admin address: `/readyz` and `/metrics` are asked under their CoreDNS names. */
  readonly routes: readonly AdminRoute[];
  readonly log: Log;
}

/**
 * Serves the `health`, `ready` and `prometheus` lines of a Corefile from the main process, which
 * knows all workers. An address that can't be had is a problem: DNS is served all the same.
 */
export async function startDnsProbes(options: DnsProbeOptions): Promise<{
  readonly servers: readonly AsyncDisposable[];
  readonly problems: readonly Problem[];
}> {
  const servers: AdminServer[] = [];
  const problems: Problem[] = [];
  for (const [place, routes] of routesByAddress(options)) {
    const { host, port } = place;
    if (options.taken.some((one) => one.port === port && one.host === host)) {
      problems.push(takenProblem(place, 'another part of the daemon listens there'));
      continue;
    }
    const server = new AdminServer(routes, options.log);
    try {
      await server.listen(place);
      servers.push(server);
    } catch (error) {
      if (!(error instanceof DataPlaneError)) throw error;
      problems.push(takenProblem(place, 'the address cannot be had'));
    }
  }
  return { servers, problems };
}

function routesByAddress({
  probes,
  host,
  routes,
}: DnsProbeOptions): ReadonlyMap<HostPort, readonly AdminRoute[]> {
  const found = new Map<string, { place: HostPort; routes: AdminRoute[] }>();
  const add = (addresses: DnsProbes['health'], route: AdminRoute | undefined): void => {
    for (const address of addresses) {
      const place = { host: address.host ?? host, port: address.port };
      const key = `${place.host} ${place.port}`;
      const known = found.get(key) ?? { place, routes: [] };
      found.set(key, known);
      if (route) known.routes.push(route);
    }
  };
  const handle = (path: string): AdminRoute['handle'] | undefined =>
    routes.find((route) => route.path === path)?.handle;
  const [readyz, metrics] = [handle('/readyz'), handle('/metrics')];
  add(probes.health, { path: '/health', handle: () => plainText(200, 'OK') });
  add(probes.ready, readyz && { path: '/ready', handle: readyz });
  add(probes.prometheus, metrics && { path: '/metrics', handle: metrics });
  return new Map([...found.values()].map((one) => [one.place, one.routes]));
}

function takenProblem({ host, port }: HostPort, why: string): Problem {
  return {
    severity: 'warning',
    reason: 'PortInUse',
    message: `a probe or metrics address of the Corefile, ${host}:${port}, is not served: ${why}`,
    instead: 'give the line another address, as in health :8082, or move the other listener',
  };
}
