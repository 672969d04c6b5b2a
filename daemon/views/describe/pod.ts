import { objectKey, type Pod } from '../../../controller/objects/index.ts';
import { readyText, statusText } from '../pods.ts';
import type { ViewInput } from '../view-input.ts';
import { commonSections, problemSection } from './common.ts';
import { field, type Section, table } from './description.ts';

/** A Pod: its addresses and ports, and the Services that send traffic to it. */
export function describePod(pod: Pod, input: ViewInput): readonly Section[] {
  const ips = (pod.status?.podIPs ?? []).map((one) => one.ip);
  const single = pod.status?.podIP === undefined ? [] : [pod.status.podIP];
  return [
    ...commonSections(pod, input),
    field('Node', ...(pod.spec?.nodeName === undefined ? [] : [pod.spec.nodeName])),
    field('Status', statusText(pod)),
    field('Ready', readyText(pod)),
    field('IPs', ...(ips.length > 0 ? ips : single)),
    table(
      'Ports',
      ['Container', 'Name', 'Port', 'Readiness Probe'],
      (pod.spec?.containers ?? []).flatMap(({ name, ports = [], readinessProbe }) =>
        ports.map((port) => [
          name,
          port.name ?? '<unset>',
          `${port.containerPort}/${port.protocol ?? 'TCP'}`,
          readinessProbe === undefined ? '-' : probeText(readinessProbe),
        ]),
      ),
    ),
    table(
      'Conditions',
      ['Type', 'Status', 'Reason'],
      (pod.status?.conditions ?? []).map(({ type, status, reason }) => [
        type,
        status,
        reason ?? '-',
      ]),
    ),
    field('Services', ...servicesOf(pod, input)),
    problemSection(pod, input),
  ];
}

type Probe = NonNullable<NonNullable<Pod['spec']>['containers'][number]['readinessProbe']>;

function probeText({ httpGet, tcpSocket, grpc, exec }: Probe): string {
  if (httpGet) return `http-get :${httpGet.port}${httpGet.path ?? '/'}`;
  if (tcpSocket) return `tcp-socket :${tcpSocket.port}`;
  if (grpc) return `grpc :${grpc.port}`;
  return exec ? 'exec' : '-';
}

function servicesOf({ metadata }: Pod, { store }: ViewInput): readonly string[] {
  const { namespace = '', labels = {} } = metadata;
  return store
    .list('Service', { namespace })
    .items.filter(({ spec }) => {
      const selector = Object.entries(spec?.selector ?? {});
      return selector.length > 0 && selector.every(([key, value]) => labels[key] === value);
    })
    .map((service) => objectKey(service.metadata))
    .toSorted();
}
