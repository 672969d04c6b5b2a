import { ageText } from './age.ts';
import { selectObjects } from './select.ts';
import type { ViewInput, ViewQuery } from './view-input.ts';
import type { ViewTable } from './view-table.ts';

/** `portolan get namespaces`. */
export function viewNamespaces(query: ViewQuery, input: ViewInput): ViewTable {
  const objects = selectObjects('Namespace', query, input);
  const rows = objects.map(({ metadata, status }) => [
    metadata.name,
    status?.phase ?? 'Active',
    ageText(metadata.creationTimestamp, input.nowMs),
  ]);
  return { columns: [{ name: 'NAME' }, { name: 'STATUS' }, { name: 'AGE' }], rows, objects };
}
