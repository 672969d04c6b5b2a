import { isJsonObject, type JsonObject } from '../patch/json.ts';
import type { OpenApiVersion } from './open-api-resource.ts';

/** Keys of a structural schema that OpenAPI 2.0 has no word for, or that mean too much there. */
const onlyInV3: ReadonlySet<string> = new Set([
  'allOf',
  'anyOf',
  'default',
  'not',
  'nullable',
  'oneOf',
  'x-kubernetes-validations',
]);

/** The definition of a custom kind: its schema, with what every object has. */
export function customDefinition(
  schema: JsonObject,
  metadata: JsonObject,
  version: OpenApiVersion,
): JsonObject {
  const written = version === 'v2' ? forV2(schema) : schema;
  const properties = isJsonObject(written['properties']) ? written['properties'] : {};
  return {
    ...written,
    type: 'object',
    properties: {
      ...properties,
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata,
    },
  };
}

/**
 * A schema as clients of OpenAPI 2.0 can check objects with it: rather too wide than too narrow,
 * since the server checks all of it again.
 */
function forV2(schema: JsonObject): JsonObject {
  const isOpen =
    schema['nullable'] === true ||
    schema['x-kubernetes-preserve-unknown-fields'] === true ||
    schema['x-kubernetes-int-or-string'] === true;
  // Without a type, clients check nothing of the value.
  const dropped = new Set([...onlyInV3, ...(isOpen ? ['type', 'items', 'properties'] : [])]);
  const entries = Object.entries(schema).filter(([key]) => !dropped.has(key));
  return Object.fromEntries(entries.map(([key, value]) => [key, innerForV2(key, value)]));
}

function innerForV2(key: string, value: unknown): unknown {
  if (!isJsonObject(value)) return value;
  if (key === 'items' || key === 'additionalProperties') return forV2(value);
  if (key !== 'properties') return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [name, isJsonObject(field) ? forV2(field) : {}]),
  );
}
