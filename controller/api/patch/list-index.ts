import { listElement } from './path-element.ts';
import type { ListType } from './value-type.ts';

/**
 * The elements of a list by what identifies them. Of equal ones the first counts, the others and
 * those without a key are `strays`: stored objects may have them, applied configurations may not.
 */
export interface ListIndex {
  readonly elements: ReadonlyMap<string, unknown>;
  readonly strays: readonly unknown[];
}

export function indexList(type: ListType, list: readonly unknown[]): ListIndex {
  const elements = new Map<string, unknown>();
  const strays: unknown[] = [];
  for (const value of list) {
    const element = listElement(type, value);
    if (element === undefined || elements.has(element)) strays.push(value);
    else elements.set(element, value);
  }
  return { elements, strays };
}
