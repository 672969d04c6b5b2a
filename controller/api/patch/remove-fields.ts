import type { FieldSet } from './field-set.ts';
import { isJsonList, isJsonObject } from './json.ts';
import { fieldElement, listElement } from './path-element.ts';
import { typeOfField, typeOfValue, type ValueType, untypedType } from './value-type.ts';

/**
 * The value without the members of `set` and what lies below them; undefined when nothing is left
 * (structured-merge-diff, RemoveItems).
 */
export function removeFields(value: unknown, set: FieldSet, type: ValueType): unknown {
  if (set.members.size === 0 && set.children.size === 0) return value;
  const concrete = typeOfValue(type, value);
  if (isJsonList(value) && concrete.kind === 'list' && concrete.list !== 'atomic') {
    const kept = value.flatMap((one) => {
      const element = listElement(concrete, one);
      if (element === undefined) return [one];
      if (set.members.has(element)) return [];
      const below = set.children.get(element);
      return [below === undefined ? one : (removeFields(one, below, concrete.element()) ?? {})];
    });
    return kept.length === 0 ? undefined : kept;
  }
  const isOpen = (concrete.kind === 'struct' || concrete.kind === 'map') && !concrete.atomic;
  if (!isJsonObject(value) || !isOpen) return value;
  const kept = Object.entries(value).flatMap(([key, inner]) => {
    const element = fieldElement(key);
    if (set.members.has(element)) return [];
    const below = set.children.get(element);
    const left =
      below === undefined ? inner : removeFields(inner, below, typeOfField(concrete, key));
    return left === undefined ? [] : [[key, left] as const];
  });
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}

/**
 * The set with each declared field that has members below it as a member, too: removing all of a
 * field's content removes the field (structured-merge-diff, EnsureNamedFieldsAreMembers).
 */
export function withParents(set: FieldSet, type: ValueType): FieldSet {
  const members = new Set(set.members);
  const children = new Map<string, FieldSet>();
  for (const [element, below] of set.children) {
    const declared = type.kind === 'struct' && type.field(element.slice(2)) !== undefined;
    if (declared && element.startsWith('f:')) members.add(element);
    children.set(element, withParents(below, typeBelow(type, element)));
  }
  return { members, children };
}

function typeBelow(type: ValueType, element: string): ValueType {
  if (type.kind === 'list') return type.element();
  if (type.kind === 'map') return type.element();
  return type.kind === 'struct' ? (type.field(element.slice(2)) ?? untypedType) : untypedType;
}
