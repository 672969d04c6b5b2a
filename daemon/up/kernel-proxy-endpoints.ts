import {
  type Clock,
  DataPlaneError,
  type ListenAddress,
  type Log,
  type Meter,
  type Problem,
} from '../../controller/base/index.ts';
import type { Store } from '../../controller/store/index.ts';
import { type AdminResponse, type AdminRoute, AdminServer, plainText } from '../admin/server.ts';
import type { HostPort, Listen } from '../config/index.ts';

export interface ProxyEndpointsOptions {
  /** Where `/healthz` and `/livez` answer, as kube-proxy's on port 10256. */
  readonly healthz: Listen;
  /** Where `/metrics`, `/proxyMode` and `/healthz` answer, as kube-proxy's on port 10249. */
  readonly metrics: Listen;
  readonly proxyMode: string;
  /** False while Services cannot be kept up to date. */
  readonly isHealthy: () => boolean;
  readonly store: Pick<Store, 'get'>;
  readonly nodeName: string;
  /** Every metric of this daemon, in Prometheus' text format. */
  readonly exposition: AdminRoute['handle'];
  readonly clock: Clock;
  readonly meter: Meter;
  readonly log: Log;
}

/** What cluster-autoscaler puts on a Node that it is about to delete. */
const toBeDeletedTaint = 'ToBeDeletedByClusterAutoscaler';

/**
 * The addresses by which load balancers, liveness probes and scrapers know kube-proxy. Off unless
 * asked for. One that cannot be had is a problem: Services are served all the same.
 */
export async function startProxyEndpoints(options: ProxyEndpointsOptions): Promise<{
  readonly servers: readonly AsyncDisposable[];
  readonly addresses: readonly ListenAddress[];
  readonly problems: readonly Problem[];
}> {
  const servers: AdminServer[] = [];
  const addresses: ListenAddress[] = [];
  const problems: Problem[] = [];
  for (const [setting, address, routes] of [
    ['kubeProxyHealthz', options.healthz, healthRoutes(options)],
    ['kubeProxyMetrics', options.metrics, metricsRoutes(options)],
  ] as const) {
    if (address === 'off') continue;
    const server = new AdminServer(routes, options.log);
    try {
      const { host, port } = await server.listen(address);
      servers.push(server);
      addresses.push({ name: setting, host, port });
      options.log.info({ setting, host, port }, "answering as kube-proxy's address does");
    } catch (error) {
      if (!(error instanceof DataPlaneError)) throw error;
      problems.push(notHad(setting, address));
    }
  }
  return { servers, addresses, problems };
}

/** kube-proxy's proxy_health answers (KEP-3836): `/livez` leaves the Node out of it. */
function healthRoutes({
  isHealthy,
  store,
  nodeName,
  clock,
  meter,
}: ProxyEndpointsOptions): readonly AdminRoute[] {
  let lastUpdatedMs = clock.wallMs();
  const counter = (name: string, help: string): ((code: number) => void) => {
    const family = meter.counter({ name, help, labelNames: ['code'] });
    return (code) => family.bind({ code: String(code) }).inc();
  };
  const countHealthz = counter('kubeproxy_proxy_healthz_total', 'Answers of /healthz.');
  const countLivez = counter('kubeproxy_proxy_livez_total', 'Answers of /livez.');
  const isEligible = (): boolean => {
    const node = store.get('Node', '', nodeName);
    const isTainted = node?.spec?.taints?.some(({ key }) => key === toBeDeletedTaint) === true;
    return node?.metadata.deletionTimestamp === undefined && !isTainted;
  };
  const answer = (healthy: boolean, more: object): AdminResponse => {
    const currentMs = clock.wallMs();
    if (isHealthy()) lastUpdatedMs = currentMs;
    const body = {
      lastUpdated: new Date(lastUpdatedMs).toISOString(),
      currentTime: new Date(currentMs).toISOString(),
      ...more,
    };
    return {
      status: healthy ? 200 : 503,
      contentType: 'application/json',
      body: JSON.stringify(body),
    };
  };
  const healthz = (): AdminResponse => {
    const nodeEligible = isEligible();
    const response = answer(isHealthy() && nodeEligible, { nodeEligible });
    countHealthz(response.status);
    return response;
  };
  const livez = (): AdminResponse => {
    const response = answer(isHealthy(), {});
    countLivez(response.status);
    return response;
  };
  return [
    { path: '/healthz', handle: healthz },
    { path: '/livez', handle: livez },
  ];
}

function metricsRoutes({ proxyMode, exposition }: ProxyEndpointsOptions): readonly AdminRoute[] {
  return [
    { path: '/metrics', handle: exposition },
    // The mode's name and nothing else: scripts compare the whole body.
    { path: '/proxyMode', handle: () => plainText(200, proxyMode) },
    { path: '/healthz', handle: () => plainText(200, 'ok') },
  ];
}

function notHad(setting: string, { host, port }: HostPort): Problem {
  return {
    severity: 'error',
    reason: 'AddressInUse',
    message: `${setting}: ${host}:${port} cannot be listened on, so nobody is answered there`,
    instead: 'free the address (does kube-proxy run here?), or choose another',
  };
}
