import {
  type EndpointSlice,
  managedByLabel,
  serviceNameLabel,
} from '../../../controller/objects/index.ts';
import type { ViewInput } from '../view-input.ts';
import { commonSections, problemSection } from './common.ts';
import { field, type Section, table } from './description.ts';

/** An EndpointSlice as it stands, before health: `describe service` shows what becomes of it. */
export function describeEndpointSlice(slice: EndpointSlice, input: ViewInput): readonly Section[] {
  const { labels = {} } = slice.metadata;
  const service = labels[serviceNameLabel];
  return [
    ...commonSections(slice, input),
    field('Service', ...(service === undefined ? [] : [service])),
    field('Managed By', labels[managedByLabel] ?? 'the user'),
    field('Address Type', slice.addressType),
    table(
      'Ports',
      ['Name', 'Port', 'Protocol'],
      (slice.ports ?? []).map(({ name, port, protocol = 'TCP' }) => [
        name || '<unset>',
        String(port ?? '*'),
        protocol,
      ]),
    ),
    table(
      'Endpoints',
      ['Address', 'Ready', 'Serving', 'Terminating', 'Node', 'Zone', 'Target'],
      slice.endpoints.map(({ addresses, conditions, nodeName, zone, targetRef }) => [
        addresses[0] ?? '-',
        conditionText(conditions?.ready),
        conditionText(conditions?.serving),
        conditionText(conditions?.terminating),
        nodeName ?? '-',
        zone ?? '-',
        targetRef?.name === undefined ? '-' : `${targetRef.kind ?? 'Pod'}/${targetRef.name}`,
      ]),
    ),
    problemSection(slice, input),
  ];
}

function conditionText(condition: boolean | undefined): string {
  return condition === undefined ? '<unset>' : String(condition);
}
