import { ageText } from './age.ts';
import { selectObjects } from './select.ts';
import type { ViewInput, ViewQuery } from './view-input.ts';
import { namespaceColumn, type ViewTable } from './view-table.ts';

const columns: ViewTable['columns'] = [
  namespaceColumn,
  { name: 'NAME' },
  { name: 'HEALTHY' },
  { name: 'AGE' },
];

/** `portolan get endpointhealths`: what active checks found, one row a Service. */
export function viewEndpointHealths(query: ViewQuery, input: ViewInput): ViewTable {
  const objects = selectObjects('EndpointHealth', query, input);
  const rows = objects.map(({ metadata, status }) => [
    metadata.namespace ?? '',
    metadata.name,
    `${status.endpoints.filter((one) => one.healthy).length}/${status.endpoints.length}`,
    ageText(metadata.creationTimestamp, input.nowMs),
  ]);
  return { columns, rows, objects };
}
