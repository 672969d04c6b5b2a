import { ageText } from './age.ts';
import { selectObjects } from './select.ts';
import type { ViewInput, ViewQuery } from './view-input.ts';
import type { ViewTable } from './view-table.ts';

const columns: ViewTable['columns'] = [
  { name: 'NAME' },
  { name: 'ADDRESSES' },
  { name: 'INTERFACE' },
  { name: 'NODES' },
  { name: 'AGE' },
];

/** `portolan get addresspools`. */
export function viewAddressPools(query: ViewQuery, input: ViewInput): ViewTable {
  const objects = selectObjects('AddressPool', query, input);
  const rows = objects.map(({ metadata, spec }) => [
    metadata.name,
    spec.addresses.join(','),
    spec.interface,
    spec.nodes?.join(',') ?? '<all>',
    ageText(metadata.creationTimestamp, input.nowMs),
  ]);
  return { columns, rows, objects };
}
