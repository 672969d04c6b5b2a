import { isJsonList, isJsonObject, type JsonObject, metadataOf, ownField } from './json.ts';
import { PatchError } from './patch-error.ts';
import { fieldElement, formatFieldPath, listElement } from './path-element.ts';
import { type ListType, typeOfField, typeOfValue, type ValueType } from './value-type.ts';

/**
 * Refuses an applied configuration whose fields cannot be owned: elements without their key, two
 * with the same, and owners stated by the client.
 * @throws PatchError `BadRequest`
 */
export function checkApplied(applied: JsonObject, type: ValueType): void {
  const { managedFields } = metadataOf(applied);
  if (isJsonList(managedFields) && managedFields.length > 0) {
    throw new PatchError('BadRequest', 'metadata.managedFields must not be in what is applied');
  }
  check(applied, type, []);
}

function check(value: unknown, type: ValueType, path: readonly string[]): void {
  const concrete = typeOfValue(type, value);
  if (isJsonObject(value) && concrete.kind !== 'scalar' && concrete.kind !== 'list') {
    for (const [key, inner] of Object.entries(value)) {
      check(inner, typeOfField(concrete, key), [...path, fieldElement(key)]);
    }
  } else if (isJsonList(value) && concrete.kind === 'list' && concrete.list !== 'atomic') {
    checkList(value, concrete, path);
  }
}

function checkList(list: readonly unknown[], type: ListType, path: readonly string[]): void {
  const seen = new Set<string>();
  const at = formatFieldPath(path);
  for (const [index, value] of list.entries()) {
    const element = listElement(type, value);
    const missing = isJsonObject(value)
      ? type.keys.filter(
          ({ name, whenAbsent }) => whenAbsent === undefined && ownField(value, name) === undefined,
        )
      : [];
    if (element === undefined || (type.list === 'map' && missing.length > 0)) {
      const keys = type.keys.map(({ name }) => name).join(', ');
      throw new PatchError('BadRequest', `${at}: element ${index} has no ${keys}, its key`);
    }
    if (seen.has(element)) {
      const key = formatFieldPath([element]);
      throw new PatchError('BadRequest', `${at}: duplicate entries for key ${key}`);
    }
    seen.add(element);
    check(value, type.element(), [...path, element]);
  }
}
