import { jsonEqual } from '../../store/index.ts';
import { emptyBuilder, type FieldSet, type FieldSetBuilder, insert } from './field-set.ts';
import { isJsonList, isJsonObject, ownField } from './json.ts';
import { indexList } from './list-index.ts';
import { fieldElement } from './path-element.ts';
import {
  type ListType,
  type MapType,
  type StructType,
  typeOfField,
  typeOfValue,
  type ValueType,
} from './value-type.ts';

/** Which fields differ between two values. */
export interface FieldComparison {
  readonly added: FieldSet;
  readonly modified: FieldSet;
  readonly removed: FieldSet;
}

interface Differences {
  readonly added: FieldSetBuilder;
  readonly modified: FieldSetBuilder;
  readonly removed: FieldSetBuilder;
}

/** Compares field by field (structured-merge-diff, Compare). `undefined`: there was nothing. */
export function compareFields(before: unknown, after: unknown, type: ValueType): FieldComparison {
  const found = { added: emptyBuilder(), modified: emptyBuilder(), removed: emptyBuilder() };
  compare(before, after, type, [], found);
  return found;
}

function compare(
  before: unknown,
  after: unknown,
  type: ValueType,
  path: readonly string[],
  found: Differences,
): void {
  if (before === after) return;
  const was = typeOfValue(type, before);
  const is = typeOfValue(type, after);
  const concrete = after === undefined ? was : is;
  const sameForm = before === undefined || after === undefined || was.kind === is.kind;
  if (!sameForm || isLeaf(concrete, before, after)) {
    compareLeaves(before, after, path, found);
    return;
  }
  if (concrete.kind === 'list') compareLists(before, after, concrete, path, found);
  else if (concrete.kind !== 'scalar') compareObjects(before, after, concrete, path, found);
  // An object or list that comes or goes as a whole is a member itself, too.
  if (before === undefined) insert(found.added, path);
  else if (after === undefined) insert(found.removed, path);
}

/** Two empty values are told apart as leaves, so that `{}` and absent differ. */
function isLeaf(type: ReturnType<typeof typeOfValue>, before: unknown, after: unknown): boolean {
  if (type.kind === 'scalar') return true;
  if (type.kind === 'list' ? type.list === 'atomic' : type.atomic) return true;
  return isEmptyValue(before) && isEmptyValue(after);
}

function isEmptyValue(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

function compareLeaves(
  before: unknown,
  after: unknown,
  path: readonly string[],
  found: Differences,
): void {
  if (before === undefined) insert(found.added, path);
  else if (after === undefined) insert(found.removed, path);
  else if (!jsonEqual(before, after)) insert(found.modified, path);
}

function compareObjects(
  before: unknown,
  after: unknown,
  type: StructType | MapType,
  path: readonly string[],
  found: Differences,
): void {
  const was = isJsonObject(before) ? before : {};
  const is = isJsonObject(after) ? after : {};
  for (const key of new Set([...Object.keys(was), ...Object.keys(is)])) {
    const below = [...path, fieldElement(key)];
    compare(ownField(was, key), ownField(is, key), typeOfField(type, key), below, found);
  }
}

function compareLists(
  before: unknown,
  after: unknown,
  type: ListType,
  path: readonly string[],
  found: Differences,
): void {
  const was = indexList(type, isJsonList(before) ? before : []).elements;
  const is = indexList(type, isJsonList(after) ? after : []).elements;
  for (const element of new Set([...was.keys(), ...is.keys()])) {
    compare(was.get(element), is.get(element), type.element(), [...path, element], found);
  }
}
