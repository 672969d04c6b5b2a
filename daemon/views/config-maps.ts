import { ageText } from './age.ts';
import { selectObjects } from './select.ts';
import type { ViewInput, ViewQuery } from './view-input.ts';
import { namespaceColumn, type ViewTable } from './view-table.ts';

const columns: ViewTable['columns'] = [
  namespaceColumn,
  { name: 'NAME' },
  { name: 'DATA' },
  { name: 'AGE' },
];

/** `portolan get configmaps`. */
export function viewConfigMaps(query: ViewQuery, input: ViewInput): ViewTable {
  const objects = selectObjects('ConfigMap', query, input);
  const rows = objects.map(({ metadata, data = {}, binaryData = {} }) => [
    metadata.namespace ?? '',
    metadata.name,
    String(Object.keys(data).length + Object.keys(binaryData).length),
    ageText(metadata.creationTimestamp, input.nowMs),
  ]);
  return { columns, rows, objects };
}
