import type { Problem } from '../../base/index.ts';
import {
  type Container,
  type IntOrString,
  objectKey,
  type Pod,
  type Probe,
} from '../../objects/index.ts';
import type { CheckSchedule } from '../check.ts';
import type { ProbeTarget } from '../prober.ts';

/** What a container's readinessProbe asks for, or why it can't be probed. */
export type ParsedProbe =
  | { readonly kind: 'probe'; readonly target: ProbeTarget; readonly schedule: CheckSchedule }
  | { readonly kind: 'wrong'; readonly problem: Problem };

/**
 * Reads the readinessProbe of one container. `podIP` is where it goes unless the probe names a
 * host; without one only `exec` probes have a target.
 */
export function parseReadinessProbe(
  pod: Pod,
  container: Container,
  probe: Probe,
  podIP: string,
): ParsedProbe {
  const target = probeTarget(container, probe, podIP);
  if (typeof target !== 'string') return { kind: 'probe', target, schedule: scheduleOf(probe) };
  const { namespace = '', name } = pod.metadata;
  const index = pod.spec?.containers.indexOf(container) ?? 0;
  return {
    kind: 'wrong',
    problem: {
      severity: 'error',
      reason: 'InvalidField',
      message: `Pod ${objectKey(pod.metadata)}: readinessProbe of container "${container.name}" ${target}; the Pod stays not ready`,
      instead: 'write one of httpGet, tcpSocket, grpc or exec, with a port that the container has',
      object: {
        kind: 'Pod',
        namespace,
        name,
        field: `spec.containers[${index}].readinessProbe`,
      },
    },
  };
}

/** The target, or what is wrong with the probe. */
function probeTarget(container: Container, probe: Probe, podIP: string): ProbeTarget | string {
  const { httpGet, tcpSocket, grpc, exec } = probe;
  if (httpGet) return httpTarget(container, httpGet, podIP);
  if (tcpSocket) {
    const port = portNumber(container, tcpSocket.port);
    if (port === undefined) return unknownPort(tcpSocket.port);
    return { kind: 'tcp', address: tcpSocket.host || podIP, port };
  }
  if (grpc) {
    const { port, service = '' } = grpc;
    return { kind: 'grpc', address: podIP, port, service, host: undefined };
  }
  if (exec?.command?.length) return { kind: 'exec', command: exec.command };
  return 'has nothing to do';
}

function httpTarget(
  container: Container,
  httpGet: NonNullable<Probe['httpGet']>,
  podIP: string,
): ProbeTarget | string {
  const port = portNumber(container, httpGet.port);
  if (port === undefined) return unknownPort(httpGet.port);
  const headers = (httpGet.httpHeaders ?? []).map(({ name, value }) => [name, value] as const);
  const path = httpGet.path ?? '/';
  return {
    kind: httpGet.scheme === 'HTTPS' ? 'https' : 'http',
    address: httpGet.host || podIP,
    port,
    path: path.startsWith('/') ? path : `/${path}`,
    host: headers.find(([name]) => name.toLowerCase() === 'host')?.[1],
    headers,
    expectedStatus: undefined,
    verifyTls: false,
  };
}

function portNumber(container: Container, port: IntOrString): number | undefined {
  if (typeof port === 'number') return port;
  return container.ports?.find(({ name }) => name === port)?.containerPort;
}

function unknownPort(port: IntOrString): string {
  return `names port "${port}", which the container does not have`;
}

/** Defaults of core/v1 Probe; 0 means the default, as in the API. */
function scheduleOf(probe: Probe): CheckSchedule {
  return {
    intervalMs: (probe.periodSeconds || 10) * 1000,
    timeoutMs: (probe.timeoutSeconds || 1) * 1000,
    initialDelayMs: (probe.initialDelaySeconds ?? 0) * 1000,
    successThreshold: probe.successThreshold || 1,
    failureThreshold: probe.failureThreshold || 3,
  };
}
