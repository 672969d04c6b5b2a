import type { JsonObject } from '../patch/json.ts';
import { type SchemaFile, schemaFile } from '../../schema/schema-file.ts';
import { objectTypeOf } from '../../store/index.ts';
import { customDefinition } from './custom-definition.ts';
import { customDefinitionName, definitionName, listName } from './definition-names.ts';
import { descriptionOf } from './descriptions.ts';
import { atomicMaps, atomicTypes, mergingLists, retainKeysFields } from './list-types.ts';
import {
  groupVersionKind,
  type OpenApiResource,
  type OpenApiVersion,
} from './open-api-resource.ts';

/** Refers to a definition. 3.0 allows nothing beside `$ref`, hence the `allOf` around it. */
export function reference(name: string, version: OpenApiVersion): JsonObject {
  return version === 'v2'
    ? { $ref: `#/definitions/${name}` }
    : { allOf: [{ $ref: `#/components/schemas/${name}` }], default: {} };
}

/** The definition's name of a resource's kind. */
export function nameOfKind({ apiVersion, kind, schema }: OpenApiResource): string {
  const type = schema === undefined ? typeOfKind(apiVersion, kind) : undefined;
  return type === undefined ? customDefinitionName(apiVersion, kind) : definitionName(type);
}

/** Definitions of the kinds of resources, of their lists, and of all that they refer to, by name. */
export function definitionsOf(
  resources: readonly OpenApiResource[],
  version: OpenApiVersion,
): Readonly<Record<string, JsonObject>> {
  const definitions = new Map<string, JsonObject>();
  const queue = new Set<string>(['V1ObjectMeta']);
  for (const resource of resources) {
    const { apiVersion, kind, schema } = resource;
    const name = nameOfKind(resource);
    const type = schema === undefined ? typeOfKind(apiVersion, kind) : undefined;
    const identity = { 'x-kubernetes-group-version-kind': [groupVersionKind(resource)] };
    const meta = reference(definitionName('V1ObjectMeta'), version);
    const definition =
      type === undefined
        ? customDefinition(schema ?? {}, meta, version)
        : typeDefinition(type, version, queue);
    definitions.set(name, { ...definition, ...identity });
    definitions.set(listName(name), listDefinition(resource, name, version));
  }
  // A set grows while it is walked: types that types refer to are reached, each once.
  for (const type of queue) {
    const name = definitionName(type);
    if (!definitions.has(name)) definitions.set(name, typeDefinition(type, version, queue));
  }
  return Object.fromEntries([...definitions].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function typeOfKind(apiVersion: string, kind: string): string | undefined {
  const key = objectTypeOf(apiVersion, kind);
  return Object.hasOwn(schemaFile.kinds, key) ? schemaFile.kinds[key] : undefined;
}

function typeDefinition(type: string, version: OpenApiVersion, queue: Set<string>): JsonObject {
  const schema: SchemaFile['types'][string] = schemaFile.types[type] ?? { fields: {} };
  const properties = Object.entries(schema.fields).map(([name, expression]) => {
    const described = descriptionOf(type, name);
    const field = fieldSchema(expression, version, queue);
    const merging = mergingOf(type, name, expression);
    return [
      name,
      { ...(described === '' ? {} : { description: described }), ...field, ...merging },
    ];
  });
  const described = descriptionOf(type, '');
  return {
    ...(described === '' ? {} : { description: described }),
    type: 'object',
    ...(schema.required === undefined ? {} : { required: schema.required }),
    properties: Object.fromEntries(properties),
    ...(atomicTypes.has(type) ? { 'x-kubernetes-map-type': 'atomic' } : {}),
  };
}

function fieldSchema(expression: string, version: OpenApiVersion, queue: Set<string>): JsonObject {
  if (expression.startsWith('[')) {
    return { type: 'array', items: fieldSchema(expression.slice(1, -1), version, queue) };
  }
  if (expression.startsWith('{')) {
    const inner = fieldSchema(expression.slice(1, -1), version, queue);
    return { type: 'object', additionalProperties: inner };
  }
  const scalar = scalars.get(expression);
  if (scalar !== undefined) return scalar;
  queue.add(expression);
  return reference(definitionName(expression), version);
}

/** The expressions of `TypeSchema`, as upstream's documents write them. */
const scalars: ReadonlyMap<string, JsonObject> = new Map<string, JsonObject>([
  ['string', { type: 'string' }],
  ['quantity', { type: 'string' }],
  ['byte', { type: 'string', format: 'byte' }],
  ['date-time', { type: 'string', format: 'date-time' }],
  ['int-or-string', { type: 'string', format: 'int-or-string' }],
  ['boolean', { type: 'boolean' }],
  ['int32', { type: 'integer', format: 'int32' }],
  ['int64', { type: 'integer', format: 'int64' }],
  ['number', { type: 'number', format: 'double' }],
  ['any', {}],
]);

function mergingOf(type: string, field: string, expression: string): JsonObject {
  if (expression.startsWith('{')) {
    return atomicMaps.has(`${type}.${field}`) ? { 'x-kubernetes-map-type': 'atomic' } : {};
  }
  if (!expression.startsWith('[')) {
    const retains = retainKeysFields.has(`${type}.${field}`);
    return retains ? { 'x-kubernetes-patch-strategy': 'retainKeys' } : {};
  }
  const merging = mergingLists[type]?.[field];
  if (merging === undefined) return { 'x-kubernetes-list-type': 'atomic' };
  const { list, keys, patchMerge, retainKeys } = merging;
  const strategy = retainKeys === true ? 'merge,retainKeys' : 'merge';
  return {
    'x-kubernetes-list-type': list,
    ...(keys.length > 0 ? { 'x-kubernetes-list-map-keys': keys.map(({ name }) => name) } : {}),
    ...(patchMerge === undefined ? {} : { 'x-kubernetes-patch-strategy': strategy }),
    ...(patchMerge?.key === undefined ? {} : { 'x-kubernetes-patch-merge-key': patchMerge.key }),
  };
}

function listDefinition(
  resource: OpenApiResource,
  name: string,
  version: OpenApiVersion,
): JsonObject {
  const kind = `${resource.kind}List`;
  return {
    description: `${kind} is a list of ${resource.kind}.`,
    type: 'object',
    required: ['items'],
    properties: {
      apiVersion: { type: 'string' },
      items: { type: 'array', items: reference(name, version) },
      kind: { type: 'string' },
      metadata: { type: 'object' },
    },
    'x-kubernetes-group-version-kind': [groupVersionKind({ ...resource, kind })],
  };
}
