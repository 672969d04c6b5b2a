import { managedByLabel, serviceNameLabel } from '../../controller/objects/index.ts';
import { ageText } from './age.ts';
import { selectObjects } from './select.ts';
import type { ViewInput, ViewQuery } from './view-input.ts';
import { listText, none, namespaceColumn, type ViewTable } from './view-table.ts';

const columns: ViewTable['columns'] = [
  namespaceColumn,
  { name: 'NAME' },
  { name: 'ADDRESSTYPE' },
  { name: 'PORTS' },
  { name: 'ENDPOINTS' },
  { name: 'AGE' },
  { name: 'SERVICE', wide: true },
  { name: 'MANAGED BY', wide: true },
];

/** As kubectl, more than these are counted instead of listed. */
const shownEndpoints = 3;

/** `portolan get endpointslices`. */
export function viewEndpointSlices(query: ViewQuery, input: ViewInput): ViewTable {
  const objects = selectObjects('EndpointSlice', query, input);
  const rows = objects.map(({ metadata, addressType, ports = [], endpoints }) => {
    const addresses = endpoints.flatMap((one) => one.addresses);
    const more = addresses.length - shownEndpoints;
    const listed = listText(addresses.slice(0, shownEndpoints));
    return [
      metadata.namespace ?? '',
      metadata.name,
      addressType,
      ports.length === 0 ? '<unset>' : ports.map((one) => one.port ?? '*').join(','),
      more > 0 ? `${listed} + ${more} more...` : listed,
      ageText(metadata.creationTimestamp, input.nowMs),
      metadata.labels?.[serviceNameLabel] ?? none,
      metadata.labels?.[managedByLabel] ?? none,
    ];
  });
  return { columns, rows, objects };
}
