/** What a JSON text in braces stands for. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** True for a JSON object: no list, not null. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** True for a list whose elements may be anything; `Array.isArray` would make them `any`. */
export function isJsonList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

/**
 * A copy of an object with one field set, or removed where `value` is undefined. A field called
 * `__proto__` is a field like any other.
 */
export function withField(object: JsonObject, key: string, value: unknown): JsonObject {
  const entries = Object.entries(object).filter(([name]) => name !== key);
  return Object.fromEntries(value === undefined ? entries : [...entries, [key, value]]);
}

/** The field of an object; undefined for what JavaScript itself gives every object. */
export function ownField(object: JsonObject, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** The value of `apiVersion`, `kind` and the like; '' when it is no text. */
export function textField(object: JsonObject, key: string): string {
  const value = ownField(object, key);
  return typeof value === 'string' ? value : '';
}

/** `metadata` of an object; empty when there is none. */
export function metadataOf(object: JsonObject): JsonObject {
  const metadata = ownField(object, 'metadata');
  return isJsonObject(metadata) ? metadata : {};
}
