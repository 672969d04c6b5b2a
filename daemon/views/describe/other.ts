import {
  type AddressPool,
  type ConfigMap,
  defaultClassAnnotation,
  type EndpointHealth,
  type Endpoints,
  type IngressClass,
  type Namespace,
  type Node,
  type Secret,
  type VirtualIP,
  zoneLabel,
} from '../../../controller/objects/index.ts';
import { nodeStatusText } from '../nodes.ts';
import { yesNo } from '../service-endpoints.ts';
import type { ViewInput } from '../view-input.ts';
import { field, type Section, table } from './description.ts';

/** What is particular to kinds that need no more than a few lines. */
type SmallObject =
  | AddressPool
  | VirtualIP
  | ConfigMap
  | EndpointHealth
  | Endpoints
  | IngressClass
  | Namespace
  | Node
  | Secret;

/** The sections between the common ones and the problems. */
export function smallSections(object: SmallObject, input: ViewInput): readonly Section[] {
  switch (object.kind) {
    case 'AddressPool':
      return [
        field('Addresses', ...object.spec.addresses),
        field('Interface', object.spec.interface),
        field('Nodes', ...(object.spec.nodes ?? ['<all>'])),
      ];
    case 'VirtualIP':
      return [
        field('Addresses', ...object.spec.addresses),
        field('Interface', object.spec.interface),
        field('Virtual Router ID', String(object.spec.virtualRouterID)),
        routerTable(object, input),
      ];
    case 'ConfigMap':
      return [field('Keys', ...Object.keys({ ...object.data, ...object.binaryData }).toSorted())];
    case 'EndpointHealth':
      return [healthTable(object)];
    case 'Endpoints':
      return [subsetTable(object)];
    case 'IngressClass':
      return [
        field('Controller', object.spec?.controller ?? '<none>'),
        field('Default', yesNo(object.metadata.annotations?.[defaultClassAnnotation] === 'true')),
      ];
    case 'Namespace':
      return [field('Status', object.status?.phase ?? 'Active')];
    case 'Node':
      return [
        field('Status', nodeStatusText(object)),
        field('Zone', object.metadata.labels?.[zoneLabel] ?? '<none>'),
        field('This Node', yesNo(object.metadata.name === input.runtime.nodeName)),
        field(
          'Addresses',
          ...(object.status?.addresses ?? []).map((a) => `${a.type}: ${a.address}`),
        ),
      ];
    case 'Secret':
      return [
        field('Type', object.type ?? 'Opaque'),
        field('Data', `${Object.keys(object.data ?? {}).length} keys, contents not shown`),
      ];
  }
}

function routerTable({ metadata }: VirtualIP, { runtime }: ViewInput): Section {
  const own = runtime.virtualIPs.filter(
    ({ name }) => name === metadata.name || name.startsWith(`${metadata.name}/`),
  );
  return table(
    'This Node',
    ['Name', 'State', 'Reason', 'Priority', 'Active', 'Rivals', 'Worst Failover'],
    own.map((one) => [
      one.name,
      one.state,
      one.reason,
      String(one.priority),
      one.active ?? '-',
      one.rivals.map(({ peer }) => peer).join(',') || '-',
      `${one.worstFailoverMs}ms`,
    ]),
  );
}

function healthTable({ status }: EndpointHealth): Section {
  return table(
    'Endpoints',
    ['Address', 'Port', 'Healthy', 'Since', 'Why'],
    status.endpoints.map((one) => [
      one.address,
      String(one.port),
      yesNo(one.healthy),
      one.lastTransitionTime,
      one.message ?? '-',
    ]),
  );
}

function subsetTable({ subsets = [] }: Endpoints): Section {
  const rows = subsets.flatMap(({ addresses = [], notReadyAddresses = [], ports = [] }) => {
    const portText =
      ports.map((one) => `${one.port}/${one.protocol ?? 'TCP'}`).join(',') || '<unset>';
    return [
      ...addresses.map(({ ip }) => [ip, portText, 'yes']),
      ...notReadyAddresses.map(({ ip }) => [ip, portText, 'no']),
    ];
  });
  return table('Subsets', ['Address', 'Ports', 'Ready'], rows);
}
