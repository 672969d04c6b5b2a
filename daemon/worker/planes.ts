import type { Clock, Log, Meter, ProblemSink, Random } from '../../controller/base/index.ts';

import { createDnsPlane, type DnsPlane, type DnsPlaneOptions } from '../../dns/index.ts';
import { createCompatEngine, createWireEngine, LeasedLimitStore } from '../../ingress/index.ts';
import { createUserspacePlane } from '../../proxy/index.ts';
import { formatHostPort } from '../config/index.ts';
import type { WorkerConfiguration } from './configuration.ts';
import { PlaneRunner } from './plane-runner.ts';
import type { FromWorker, PlaneName } from './protocol.ts';

export type Planes = { readonly [P in PlaneName]?: PlaneRunner<P> } & {
  /** Undefined: there is no DNS. */
  readonly explainDns: DnsPlane['explain'] | undefined;
  /** Undefined: this worker counts by itself. */
  readonly limits: LeasedLimitStore | undefined;
  /** Reads again what planes read from files. */
  readonly reload: () => Promise<void>;
};

interface PlaneContext {
  readonly log: Log;
  readonly meter: Meter;
  readonly problems: ProblemSink;
  readonly clock: Clock;
  readonly random: Random;
}

/** The planes that this configuration asks for: the one place in a worker that chooses them. */
export function createPlanes(
  configuration: WorkerConfiguration,
  context: PlaneContext,
  send: (message: FromWorker) => void,
): Planes {
  const { l4, dns, ingress, reusePort } = configuration;
  const limits = configuration.sharedLimits
    ? new LeasedLimitStore({
        clock: context.clock,
        send: (asks) => send({ kind: 'limit-asks', asks }),
        soon: setImmediate,
      })
    : undefined;
  const dnsPlane = dns && createDnsPlane(dnsOptions(dns, { ...context, reusePort }));
  return {
    explainDns: dnsPlane && ((question) => dnsPlane.explain(question)),
    limits,
    reload: async () => await dnsPlane?.reload(),
    ...(l4 && {
      l4: new PlaneRunner('l4', createUserspacePlane({ ...context, ...l4, reusePort }), send),
    }),
    ...(dnsPlane && { dns: new PlaneRunner('dns', dnsPlane, send) }),
    ...(ingress && {
      ingress: new PlaneRunner(
        'ingress',
        createEngine[ingress.engine]({
          ...context,
          ...ingress,
          reusePort,
          ...(limits && { limitStore: limits }),
        }),
        send,
      ),
    }),
  };
}

const createEngine = { compat: createCompatEngine, wire: createWireEngine } as const;

function dnsOptions(
  dns: NonNullable<WorkerConfiguration['dns']>,
  context: PlaneContext & { readonly reusePort: boolean },
): DnsPlaneOptions {
  const { listen, local, corefile, clusterDomain, upstreams, zoneNeeds, cookieSecret } = dns;
  return {
    ...context,
    listen: [...new Set([listen.host, ...local])].map((host) => ({ host, port: listen.port })),
    ...(corefile !== undefined && { corefile }),
    clusterDomain,
    zoneNeeds: new Set(zoneNeeds),
    cookieSecret: Buffer.from(cookieSecret, 'hex'),
    upstreams:
      upstreams.kind === 'resolvConf' ? upstreams.path : upstreams.servers.map(formatHostPort),
  };
}
