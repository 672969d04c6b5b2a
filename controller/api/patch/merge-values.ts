import { isJsonList, isJsonObject, type JsonObject, ownField } from './json.ts';
import { listElement } from './path-element.ts';
import {
  type ListType,
  type MapType,
  type StructType,
  typeOfField,
  typeOfValue,
  type ValueType,
} from './value-type.ts';

/**
 * What an applied configuration makes of a live value: it sets what it states and leaves the rest
 * (structured-merge-diff, Merge).
 */
export function mergeValues(live: unknown, applied: unknown, type: ValueType): unknown {
  if (applied === undefined) return live;
  const concrete = typeOfValue(type, applied);
  switch (concrete.kind) {
    case 'scalar':
      return applied;
    case 'list':
      if (concrete.list === 'atomic' || !isJsonList(applied) || !isJsonList(live)) return applied;
      return mergeLists(live, applied, concrete);
    case 'struct':
    case 'map':
      if (concrete.atomic || !isJsonObject(applied)) return applied;
      return mergeObjects(isJsonObject(live) ? live : {}, applied, concrete);
    default:
      return concrete satisfies never;
  }
}

function mergeObjects(
  live: JsonObject,
  applied: JsonObject,
  type: StructType | MapType,
): JsonObject {
  const merged = new Map(Object.entries(live));
  for (const [key, value] of Object.entries(applied)) {
    merged.set(key, mergeValues(ownField(live, key), value, typeOfField(type, key)));
  }
  return Object.fromEntries(merged);
}

/**
 * The applied order rules; elements that only the live list has stay before the shared one that
 * they preceded.
 */
function mergeLists(
  live: readonly unknown[],
  applied: readonly unknown[],
  type: ListType,
): readonly unknown[] {
  const keyOf = (value: unknown): string | undefined => listElement(type, value);
  const liveKeys = live.map(keyOf);
  const appliedKeys = applied.map(keyOf);
  const inApplied = new Set(appliedKeys);
  const liveValues = new Map(
    live.map((value, index) => [liveKeys[index], value] as const).reverse(),
  );
  const isShared = (key: string | undefined): boolean => key !== undefined && liveValues.has(key);
  const merged: unknown[] = [];
  let next = 0;
  const takeLiveOnlyBefore = (shared: string | undefined): void => {
    for (; next < live.length; next += 1) {
      const key = liveKeys[next];
      if (key !== undefined && key === shared) return;
      if (key === undefined || !inApplied.has(key)) merged.push(live[next]);
    }
  };
  // Where the next shared element is; found once for each, from the back.
  const nextShared: (string | undefined)[] = [];
  let shared: string | undefined;
  for (let index = applied.length - 1; index >= 0; index -= 1) {
    if (isShared(appliedKeys[index])) shared = appliedKeys[index];
    nextShared[index] = shared;
  }
  for (const [index, value] of applied.entries()) {
    takeLiveOnlyBefore(nextShared[index]);
    const key = appliedKeys[index];
    merged.push(isShared(key) ? mergeValues(liveValues.get(key), value, type.element()) : value);
  }
  takeLiveOnlyBefore(undefined);
  return merged;
}
