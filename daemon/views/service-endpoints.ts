import {
  type EndpointSlice,
  type JudgedEndpoint,
  judgeEndpoints,
  objectKey,
  type Service,
  type ServiceBundle,
  serviceNameLabel,
  weightOf,
} from '../../controller/objects/index.ts';
import type { Store } from '../../controller/store/index.ts';
import { compareText } from './select.ts';

/** One endpoint of a Service on one of its ports, as views show it. */
export interface ShownEndpoint {
  readonly address: string;
  /** Undefined: the slice leaves it open, which means every port. */
  readonly port: number | undefined;
  readonly portName: string;
  readonly judged: JudgedEndpoint;
  /** Why it is unhealthy; '' when it is not, or nobody said. */
  readonly why: string;
  readonly weight: number;
}

/** The endpoints of a Service and what they amount to. */
export interface ServiceEndpoints {
  readonly shown: readonly ShownEndpoint[];
  readonly readyCount: number;
  readonly totalCount: number;
  readonly health: ServiceHealth;
}

/**
 * `Healthy`: all take traffic. `Degraded`: some do. `Panic`: every check fails, so checks are
 * disregarded. `Down`: there are endpoints, and none takes traffic. `Empty`: there are none.
 */
export type ServiceHealth = 'Healthy' | 'Degraded' | 'Panic' | 'Down' | 'Empty';

/** Looks Services' slices up. Made once for each view: it reads every slice in scope. */
export function sliceIndex(
  store: Store,
  namespace: string | undefined,
): (service: Service) => readonly EndpointSlice[] {
  const byService = new Map<string, EndpointSlice[]>();
  for (const slice of store.list('EndpointSlice', namespace === undefined ? {} : { namespace })
    .items) {
    const name = slice.metadata.labels?.[serviceNameLabel];
    if (name === undefined) continue;
    const key = objectKey({ ...slice.metadata, name });
    const known = byService.get(key);
    if (known) known.push(slice);
    else byService.set(key, [slice]);
  }
  return (service) =>
    (byService.get(objectKey(service.metadata)) ?? []).toSorted((a, b) =>
      compareText(a.metadata.name, b.metadata.name),
    );
}

/** The bundle of a Service, as compilers get it. */
export function bundleOf(
  service: Service,
  slices: readonly EndpointSlice[],
  store: Store,
): ServiceBundle {
  const { namespace = '', name } = service.metadata;
  return { service, slices, health: store.get('EndpointHealth', namespace, name) };
}

/** Judges the endpoints of a Service exactly as the planes do. */
export function endpointsOf(bundle: ServiceBundle): ServiceEndpoints {
  const { endpoints, panic } = judgeEndpoints(bundle);
  const readyCount = endpoints.filter((one) => one.ready).length;
  const shown = endpoints.flatMap((judged) => showPorts(judged, reasonOf(judged, bundle)));
  return {
    shown,
    readyCount,
    totalCount: endpoints.length,
    health: healthOf(readyCount, endpoints.length, panic),
  };
}

function healthOf(ready: number, total: number, panic: boolean): ServiceHealth {
  if (total === 0) return 'Empty';
  if (panic) return 'Panic';
  if (ready === 0) return 'Down';
  return ready === total ? 'Healthy' : 'Degraded';
}

function showPorts(judged: JudgedEndpoint, why: string): readonly ShownEndpoint[] {
  const { slice, address, weights } = judged;
  const ports = slice.ports?.length ? slice.ports : [{}];
  return ports.map((port) => ({
    address,
    port: port.port,
    portName: port.name ?? '',
    judged,
    why,
    weight: weightOf(weights, address, port.port),
  }));
}

function reasonOf(judged: JudgedEndpoint, bundle: ServiceBundle): string {
  const firstPort = judged.slice.ports?.[0]?.port ?? 0;
  const status = bundle.health?.status.endpoints.find(
    (one) => one.address === judged.address && one.port === firstPort,
  );
  return status?.healthy === false ? (status.message ?? '') : '';
}

/** `10.0.0.1:80`, `[fd00::1]:80`, `10.0.0.1:*` when every port is meant. */
export function endpointText({ address, port }: ShownEndpoint): string {
  return `${address.includes(':') ? `[${address}]` : address}:${port ?? '*'}`;
}

/** `Healthy`, `Unhealthy`, or `-` when nothing checks it. */
export function checkText({ healthy }: JudgedEndpoint): string {
  return healthy === undefined ? '-' : healthy ? 'Healthy' : 'Unhealthy';
}

/** `yes` or `no`: shorter to read in columns than true and false. */
export function yesNo(value: boolean): string {
  return value ? 'yes' : 'no';
}
