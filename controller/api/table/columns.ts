import type {
  AddressPool,
  ConfigMap,
  EndpointHealth,
  KubeObject,
  Secret,
  VirtualIP,
} from '../../objects/index.ts';
import type { ApiResource, PrinterColumn } from '../resources/resource.ts';
import { ageColumn, type Column, column, nameColumn } from './column.ts';
import { ingressClassColumns, ingressColumns } from './ingresses.ts';
import { jsonPathText } from './json-path.ts';
import {
  endpointsColumns,
  endpointSliceColumns,
  serviceColumns,
  serviceWideColumns,
} from './services.ts';
import { valueAt } from './value-at.ts';
import {
  deploymentColumns,
  eventColumns,
  leaseColumns,
  namespaceColumns,
  nodeColumns,
  nodeWideColumns,
  podColumns,
  podWideColumns,
  replicaSetColumns,
  templateWideColumns,
} from './workloads.ts';

/** The columns of a resource, in the order and with the names of the API server's own. */
export function columnsOf(resource: ApiResource): readonly Column[] {
  const { custom, type } = resource;
  if (custom) return customColumns(custom.printerColumns);
  return columnsByType.get(type) ?? named();
}

/** Name, what is particular, age, and what is for wide output only. */
function named(own: readonly Column[] = [], wideOnly: readonly Column[] = []): readonly Column[] {
  // Called with objects of this kind alone: that of the resource.
  return [nameColumn, ...own, ageColumn, ...wideOnly];
}

const configMapColumns: readonly Column<ConfigMap>[] = [
  column('Data', ({ data = {}, binaryData = {} }) => {
    return Object.keys(data).length + Object.keys(binaryData).length;
  }),
];
const secretColumns: readonly Column<Secret>[] = [
  column('Type', ({ type }) => type ?? 'Opaque'),
  column('Data', ({ data = {} }) => Object.keys(data).length),
];
const virtualIPColumns: readonly Column<VirtualIP>[] = [
  column('Addresses', ({ spec }) => (spec.addresses ?? []).join(',')),
];
const addressPoolColumns: readonly Column<AddressPool>[] = [
  column('Addresses', ({ spec }) => spec.addresses.join(',')),
];
const healthColumns: readonly Column<EndpointHealth>[] = [
  column('Endpoints', (one) => {
    const list = valueAt(one, 'endpoints');
    return Array.isArray(list) ? list.length : 0;
  }),
];
const definitionColumns: readonly Column[] = [
  nameColumn,
  {
    ...column('Created At', ({ metadata }: KubeObject) => metadata.creationTimestamp ?? ''),
    type: 'date',
  },
];

const columnsByType: ReadonlyMap<string, readonly Column[]> = new Map([
  ['AddressPool', named(addressPoolColumns)],
  ['ConfigMap', named(configMapColumns)],
  ['CustomResourceDefinition.apiextensions.k8s.io', definitionColumns],
  ['Deployment.apps', named(deploymentColumns, templateWideColumns)],
  ['EndpointHealth', named(healthColumns)],
  ['EndpointSlice', named(endpointSliceColumns)],
  ['Endpoints', named(endpointsColumns)],
  ['Event', eventColumns],
  ['Ingress', named(ingressColumns)],
  ['IngressClass', named(ingressClassColumns)],
  ['Lease.coordination.k8s.io', named(leaseColumns)],
  ['Namespace', named(namespaceColumns)],
  ['Node', named(nodeColumns, nodeWideColumns)],
  ['Pod', named(podColumns, podWideColumns)],
  ['ReplicaSet.apps', named(replicaSetColumns, templateWideColumns)],
  ['Secret', named(secretColumns)],
  ['Service', named(serviceColumns, serviceWideColumns)],
  ['StatefulSet.apps', named(deploymentColumns.slice(0, 1), templateWideColumns.slice(0, 2))],
  ['VirtualIP', named(virtualIPColumns)],
]);

function customColumns(printed: readonly PrinterColumn[]): readonly Column[] {
  if (printed.length === 0) return [nameColumn, ageColumn];
  return [nameColumn, ...printed.map(customColumn)];
}

function customColumn(printer: PrinterColumn): Column {
  const { name, type, format = '', description = '', priority = 0, jsonPath } = printer;
  return {
    name,
    type: 'string',
    format,
    description,
    priority,
    cell: (object, nowMs) => jsonPathText(object, jsonPath, type, nowMs),
  };
}
