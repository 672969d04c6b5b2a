import { isIPv6 } from 'node:net';
import {
  type IPFamily,
  maxWeight,
  type Pod,
  type Service,
  type ServicePortSpec,
  type SliceEndpoint,
  type SlicePort,
  weightAnnotation,
} from '../../objects/index.ts';

/** Pods that have ended take no traffic and never will again. */
export function mayBeEndpoint(pod: Pod): boolean {
  const { phase } = pod.status ?? {};
  return podAddresses(pod).length > 0 && phase !== 'Succeeded' && phase !== 'Failed';
}

/** Addresses in the Pod's own order, at most one of each family is meant to be used. */
export function podAddresses({ status }: Pod): readonly string[] {
  const listed = status?.podIPs?.map(({ ip }) => ip) ?? [];
  if (listed.length > 0) return listed;
  return status?.podIP ? [status.podIP] : [];
}

export function familyOf(address: string): IPFamily {
  return isIPv6(address) ? 'IPv6' : 'IPv4';
}

/**
 * The kubelet's word if there is one. A Pod from a manifest has no kubelet, hence no Ready
 * condition: its author wrote its address to have it used, so it counts as ready unless its phase
 * says that it does not run, or a readinessProbe says that somebody is to find out first.
 */
export function isPodReady({ spec, status }: Pod): boolean {
  const ready = status?.conditions?.find((condition) => condition.type === 'Ready');
  if (ready) return ready.status === 'True';
  if (spec?.containers.some(({ readinessProbe }) => readinessProbe)) return false;
  return status?.phase === undefined || status.phase === 'Running';
}

/** One Pod as one endpoint of one Service. */
export function toEndpoint(
  pod: Pod,
  service: Service,
  address: string,
  zone: string | undefined,
): SliceEndpoint {
  const { namespace = '', name } = pod.metadata;
  const { nodeName, hostname, subdomain } = pod.spec ?? {};
  const serving = isPodReady(pod);
  const terminating = pod.metadata.deletionTimestamp !== undefined;
  const ready = service.spec?.publishNotReadyAddresses === true || (serving && !terminating);
  const hints = ready ? hintsFor(service.spec?.trafficDistribution, zone, nodeName) : undefined;
  return {
    addresses: [address],
    conditions: { ready, serving, terminating },
    ...(hostname && subdomain === service.metadata.name && { hostname }),
    ...(nodeName && { nodeName }),
    ...(zone && { zone }),
    targetRef: { kind: 'Pod', namespace, name },
    ...(hints && { hints }),
  };
}

/** KEP-2433, KEP-3015: an endpoint is preferred where it is; those not ready need no hint. */
function hintsFor(
  distribution: string | undefined,
  zone: string | undefined,
  nodeName: string | undefined,
): SliceEndpoint['hints'] {
  const forZones = zone ? { forZones: [{ name: zone }] } : undefined;
  if (distribution === 'PreferClose' || distribution === 'PreferSameZone') return forZones;
  if (distribution !== 'PreferSameNode') return undefined;
  return nodeName ? { ...forZones, forNodes: [{ name: nodeName }] } : forZones;
}

/** The Service's ports as this Pod has them; a named port that the Pod lacks is left out. */
export function portsOn(pod: Pod, service: Service): readonly SlicePort[] {
  return (service.spec?.ports ?? []).flatMap((port) => {
    const number = targetPortOn(pod, port);
    if (number === undefined) return [];
    const { name = '', protocol = 'TCP', appProtocol } = port;
    return [{ name, port: number, protocol, ...(appProtocol && { appProtocol }) }];
  });
}

function targetPortOn(
  pod: Pod,
  { port, protocol = 'TCP', targetPort }: ServicePortSpec,
): number | undefined {
  if (targetPort === undefined || targetPort === 0 || targetPort === '') return port;
  if (typeof targetPort === 'number') return targetPort;
  const ports = pod.spec?.containers.flatMap((container) => container.ports ?? []);
  return ports?.find((one) => one.name === targetPort && (one.protocol ?? 'TCP') === protocol)
    ?.containerPort;
}

/** The Pod's share; undefined without the annotation, an error text if it makes no sense. */
export function podWeight({ metadata }: Pod): number | undefined | { readonly error: string } {
  const text = metadata.annotations?.[weightAnnotation];
  if (text === undefined) return undefined;
  const weight = /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN;
  if (weight <= maxWeight) return weight;
  return { error: `"${text}" is no integer from 0 to ${maxWeight}` };
}
