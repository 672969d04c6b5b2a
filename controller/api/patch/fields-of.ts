import { emptyBuilder, type FieldSet, type FieldSetBuilder, insert } from './field-set.ts';
import { isJsonList, isJsonObject } from './json.ts';
import { indexList } from './list-index.ts';
import { fieldElement } from './path-element.ts';
import { type ListType, typeOfField, typeOfValue, type ValueType } from './value-type.ts';

/**
 * Every field that a value states: its leaves, its list elements, its empty objects and the keys of
 * its maps. What an applied configuration owns (structured-merge-diff, ToFieldSet).
 */
export function fieldsOf(value: unknown, type: ValueType): FieldSet {
  const set = emptyBuilder();
  collect(value, type, [], set);
  return set;
}

function collect(
  value: unknown,
  type: ValueType,
  path: readonly string[],
  set: FieldSetBuilder,
): void {
  const concrete = typeOfValue(type, value);
  switch (concrete.kind) {
    case 'scalar':
      insert(set, path);
      return;
    case 'list':
      if (concrete.list === 'atomic') insert(set, path);
      else if (isJsonList(value)) collectElements(value, concrete, path, set);
      return;
    case 'struct':
    case 'map':
      if (concrete.atomic) {
        insert(set, path);
        return;
      }
      if (!isJsonObject(value)) return;
      for (const [key, inner] of Object.entries(value)) {
        const below = [...path, fieldElement(key)];
        collect(inner, typeOfField(concrete, key), below, set);
        const isEmptyObject = isJsonObject(inner) && Object.keys(inner).length === 0;
        const undeclared = concrete.kind === 'map' || concrete.field(key) === undefined;
        if (isEmptyObject || undeclared) insert(set, below);
      }
      return;
    default:
      concrete satisfies never;
  }
}

function collectElements(
  list: readonly unknown[],
  type: ListType,
  path: readonly string[],
  set: FieldSetBuilder,
): void {
  for (const [element, value] of indexList(type, list).elements) {
    const below = [...path, element];
    collect(value, type.element(), below, set);
    insert(set, below);
  }
}
