import { isKnownKind } from '../../objects/index.ts';
import type { Path } from '../../schema/index.ts';

/** One object of a document. */
export interface Item {
  readonly value: unknown;
  readonly path: Path;
}

/** Lists in lists occur; deeper than this is a mistake. */
const maxListDepth = 8;

/**
 * The objects of a document: itself, or the `items` of a `List`. A typed list (`ServiceList`) may
 * leave out apiVersion and kind of its items, as the API server does in its answers.
 */
export function expandList(value: unknown, path: Path = []): readonly Item[] {
  const list = asList(value);
  if (list === undefined || path.length >= maxListDepth * 2) return [{ value, path }];
  return list.items.flatMap((item, index) => {
    const typed = list.itemType !== undefined && isMap(item) ? { ...list.itemType, ...item } : item;
    return expandList(typed, [...path, 'items', index]);
  });
}

interface List {
  readonly items: readonly unknown[];
  readonly itemType: { readonly apiVersion: string; readonly kind: string } | undefined;
}

function asList(value: unknown): List | undefined {
  if (!isMap(value)) return undefined;
  const { apiVersion, kind, items } = value;
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') return undefined;
  if (!kind.endsWith('List') || !(Array.isArray(items) || items === null)) return undefined;
  const itemKind = kind.slice(0, -'List'.length);
  return {
    items: items ?? [],
    itemType: isKnownKind(apiVersion, itemKind) ? { apiVersion, kind: itemKind } : undefined,
  };
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
