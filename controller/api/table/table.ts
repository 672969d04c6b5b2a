import type { KubeObject } from '../../objects/index.ts';
import type { Column } from './column.ts';

/** What of an object a row carries (`includeObject`). */
export type IncludedObject = 'None' | 'Metadata' | 'Object';

export interface TableOptions {
  readonly columns: readonly Column[];
  readonly include: IncludedObject;
  /** `v1` or `v1beta1` of meta.k8s.io. */
  readonly version: string;
  readonly nowMs: number;
  /** False in a watch after its first event: clients know them by then. */
  readonly withColumns?: boolean;
}

/** meta.k8s.io Table, what kubectl prints from. `metadata` is that of the list. */
export function tableOf(
  objects: readonly KubeObject[],
  metadata: object,
  { columns, include, version, nowMs, withColumns = true }: TableOptions,
): object {
  return {
    kind: 'Table',
    apiVersion: `meta.k8s.io/${version}`,
    metadata,
    columnDefinitions: withColumns
      ? columns.map(({ name, type, format, description, priority }) => ({
          name,
          type,
          format,
          description,
          priority,
        }))
      : [],
    rows: objects.map((object) => ({
      cells: columns.map((column) => column.cell(object, nowMs)),
      ...(include !== 'None' && { object: include === 'Object' ? object : partial(object) }),
    })),
  };
}

/** meta.k8s.io PartialObjectMetadata. */
export function partial({ metadata }: KubeObject): object {
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata };
}
