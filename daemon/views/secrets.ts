import type { Secret } from '../../controller/objects/index.ts';
import { ageText } from './age.ts';
import { selectObjects } from './select.ts';
import type { ViewInput, ViewQuery } from './view-input.ts';
import { namespaceColumn, type ViewTable } from './view-table.ts';

const columns: ViewTable['columns'] = [
  namespaceColumn,
  { name: 'NAME' },
  { name: 'TYPE' },
  { name: 'DATA' },
  { name: 'AGE' },
];

/** `portolan get secrets`: how many keys there are, and nothing of what is in them. */
export function viewSecrets(query: ViewQuery, input: ViewInput): ViewTable {
  const secrets = selectObjects('Secret', query, input);
  const rows = secrets.map((secret) => [
    secret.metadata.namespace ?? '',
    secret.metadata.name,
    secret.type ?? 'Opaque',
    String(Object.keys(secret.data ?? {}).length),
    ageText(secret.metadata.creationTimestamp, input.nowMs),
  ]);
  return { columns, rows, objects: secrets.map(withoutContents) };
}

/**
 * What of a Secret may be shown. Built from what is known to be harmless, not by leaving out what
 * is known to be secret: annotations go too, since kubectl keeps the applied manifest in one.
 */
function withoutContents({ apiVersion, kind, metadata, type }: Secret): object {
  const { name, namespace, uid, creationTimestamp, resourceVersion, labels } = metadata;
  return {
    apiVersion,
    kind,
    metadata: { name, namespace, uid, creationTimestamp, resourceVersion, labels },
    type: type ?? 'Opaque',
  };
}
