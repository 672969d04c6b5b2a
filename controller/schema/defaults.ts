import type {
  AnyObject,
  Container,
  EndpointSlice,
  Pod,
  Probe,
  Secret,
  Service,
} from '../objects/index.ts';
import { isExternallyReachable } from './service.ts';

/** The object with what the API server fills in. Same content where nothing was left open. */
export function withDefaults(object: AnyObject): AnyObject {
  switch (object.kind) {
    case 'Service':
      return serviceDefaults(object);
    case 'Pod':
      return podDefaults(object);
    case 'EndpointSlice':
      return sliceDefaults(object);
    case 'Secret':
      return secretDefaults(object);
    case 'Namespace':
      return { ...object, status: { phase: 'Active', ...object.status } };
    case 'Ingress':
    case 'IngressClass':
    case 'ConfigMap':
    case 'Endpoints':
    case 'Node':
    case 'EndpointHealth':
    case 'AddressPool':
    case 'VirtualIP':
      return object;
    default:
      return object satisfies never;
  }
}

function serviceDefaults(service: Service): Service {
  const spec = service.spec ?? {};
  const type = spec.type || 'ClusterIP';
  const clusterIP = spec.clusterIP || spec.clusterIPs?.[0];
  const sessionAffinity = spec.sessionAffinity || 'None';
  return {
    ...service,
    spec: {
      ...spec,
      type,
      ...(clusterIP ? { clusterIP, clusterIPs: spec.clusterIPs ?? [clusterIP] } : {}),
      ...(spec.ports === undefined
        ? {}
        : {
            ports: spec.ports.map((port) => ({
              ...port,
              protocol: port.protocol || 'TCP',
              targetPort: port.targetPort || port.port,
            })),
          }),
      sessionAffinity,
      ...(sessionAffinity === 'ClientIP'
        ? {
            sessionAffinityConfig: {
              clientIP: {
                // Three hours: DefaultClientIPServiceAffinitySeconds.
                timeoutSeconds: spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? 10800,
              },
            },
          }
        : {}),
      ...(type === 'ExternalName'
        ? {}
        : { internalTrafficPolicy: spec.internalTrafficPolicy || 'Cluster' }),
      ...(isExternallyReachable({ ...spec, type })
        ? { externalTrafficPolicy: spec.externalTrafficPolicy || 'Cluster' }
        : {}),
      ...(type === 'LoadBalancer'
        ? { allocateLoadBalancerNodePorts: spec.allocateLoadBalancerNodePorts ?? true }
        : {}),
    },
  };
}

function endpointsOf(slice: Partial<EndpointSlice>): EndpointSlice['endpoints'] {
  return slice.endpoints ?? [];
}

function sliceDefaults(slice: EndpointSlice): EndpointSlice {
  return {
    ...slice,
    // Optional in the API, where a slice without endpoints is how a Service of none looks.
    endpoints: endpointsOf(slice),
    ...(slice.ports === undefined
      ? {}
      : {
          ports: slice.ports.map((port) => ({
            ...port,
            name: port.name ?? '',
            protocol: port.protocol || 'TCP',
          })),
        }),
  };
}

/** `stringData` is a way to write `data`: it is folded in and wins, as on the API server. */
function secretDefaults({ stringData, ...secret }: Secret): Secret {
  const type = secret.type || 'Opaque';
  if (stringData === undefined) return { ...secret, type };
  const encoded = Object.entries(stringData).map(
    ([key, value]) => [key, Buffer.from(value).toString('base64')] as const,
  );
  return { ...secret, type, data: { ...secret.data, ...Object.fromEntries(encoded) } };
}

function podDefaults(pod: Pod): Pod {
  if (pod.spec === undefined) return pod;
  return { ...pod, spec: { ...pod.spec, containers: pod.spec.containers.map(containerDefaults) } };
}

function containerDefaults(container: Container): Container {
  return {
    ...container,
    ...(container.ports === undefined
      ? {}
      : { ports: container.ports.map((port) => ({ ...port, protocol: port.protocol || 'TCP' })) }),
    ...(container.readinessProbe === undefined
      ? {}
      : { readinessProbe: probeDefaults(container.readinessProbe) }),
  };
}

/** core/v1 SetDefaults_Probe and SetDefaults_HTTPGetAction; 0 means unset there too. */
function probeDefaults(probe: Probe): Probe {
  const { httpGet } = probe;
  return {
    ...probe,
    ...(httpGet === undefined
      ? {}
      : { httpGet: { ...httpGet, path: httpGet.path || '/', scheme: httpGet.scheme || 'HTTP' } }),
    periodSeconds: probe.periodSeconds || 10,
    timeoutSeconds: probe.timeoutSeconds || 1,
    successThreshold: probe.successThreshold || 1,
    failureThreshold: probe.failureThreshold || 3,
  };
}
