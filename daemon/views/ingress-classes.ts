import { defaultClassAnnotation } from '../../controller/objects/index.ts';
import { ageText } from './age.ts';
import { selectObjects } from './select.ts';
import { yesNo } from './service-endpoints.ts';
import type { ViewInput, ViewQuery } from './view-input.ts';
import { none, type ViewTable } from './view-table.ts';

const columns: ViewTable['columns'] = [
  { name: 'NAME' },
  { name: 'CONTROLLER' },
  { name: 'PARAMETERS' },
  { name: 'AGE' },
  { name: 'DEFAULT', wide: true },
];

/** `portolan get ingressclasses`. */
export function viewIngressClasses(query: ViewQuery, input: ViewInput): ViewTable {
  const objects = selectObjects('IngressClass', query, input);
  const rows = objects.map(({ metadata, spec }) => [
    metadata.name,
    spec?.controller ?? none,
    spec?.parameters ? `${spec.parameters.kind}/${spec.parameters.name}` : none,
    ageText(metadata.creationTimestamp, input.nowMs),
    yesNo(metadata.annotations?.[defaultClassAnnotation] === 'true'),
  ]);
  return { columns, rows, objects };
}
