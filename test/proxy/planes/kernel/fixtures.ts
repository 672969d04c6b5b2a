import { silentLog } from '../../../../controller/base/index.ts';
import type { Endpoint, ServicePort, ServiceTable } from '../../../../proxy/compile/table.ts';
import type { KernelPlaneOptions } from '../../../../proxy/planes/kernel/index.ts';
import { FakeClock } from '../../../fakes/clock.ts';
import { MemoryMeter } from '../../../fakes/meter.ts';
import { ProblemBook } from '../../../fakes/problems.ts';

/** `default/web`, TCP 80 at 10.96.0.1, without endpoints: tests name what they need. */
export function servicePort(fields: Partial<ServicePort> = {}): ServicePort {
  const { namespace = 'default', name = 'web', portName = '' } = fields;
  const { protocol = 'TCP', family = 'IPv4' } = fields;
  return {
    key: `${namespace}/${name}:${portName}/${protocol}/${family}`,
    namespace,
    name,
    portName,
    protocol,
    family,
    clusterIP: family === 'IPv4' ? '10.96.0.1' : 'fd96::1',
    port: 80,
    nodePort: 0,
    externalIPs: [],
    loadBalancerIPs: [],
    loadBalancerSourceRanges: [],
    internalPolicy: 'Cluster',
    externalPolicy: 'Cluster',
    affinity: { kind: 'None' },
    algorithm: 'random',
    clusterEndpoints: [],
    localEndpoints: [],
    hasAnyEndpoint: fields.clusterEndpoints !== undefined,
    unusedEndpoints: [],
    healthCheckNodePort: 0,
    localReadyCount: 0,
    ...fields,
  };
}

/** `10.0.0.1`, port 8080, weight 1. */
export function endpoint(address: string, fields: Partial<Endpoint> = {}): Endpoint {
  return { address, port: 8080, weight: 1, local: false, terminating: false, ...fields };
}

export function tableOf(generation: number, ports: readonly ServicePort[]): ServiceTable {
  return { generation, ports: new Map(ports.map((port) => [port.key, port])) };
}

/** Options of a plane that touches nothing: no program runs. */
export interface PlaneFixture {
  readonly options: KernelPlaneOptions;
  readonly clock: FakeClock;
  readonly meter: MemoryMeter;
  readonly problems: ProblemBook;
}

export function planeFixture(fields: Partial<KernelPlaneOptions> = {}): PlaneFixture {
  const clock = new FakeClock();
  const meter = new MemoryMeter();
  const problems = new ProblemBook();
  const options: KernelPlaneOptions = {
    log: silentLog,
    meter,
    clock,
    problems,
    run: () => Promise.reject(new Error('no program may run here')),
    node: { primary: ['192.0.2.1', '2001:db8::1'], all: () => ['192.0.2.1', '127.0.0.1'] },
    detector: { kind: 'cidrs', cidrs: ['10.244.0.0/16', 'fd44::/64'] },
    serviceCidrs: ['10.96.0.0/16'],
    ...fields,
  };
  return { options, clock, meter, problems };
}
