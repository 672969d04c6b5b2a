import { metadataType } from '../openapi/index.ts';
import { scalarType, untypedType, type ValueType } from '../patch/value-type.ts';
import type { StructuralSchema } from './structural-schema.ts';

/** Made once per node: patches ask for the same ones over and over. */
const made = new WeakMap<StructuralSchema, ValueType>();

/** How values of a structural schema merge. */
export function structuralType(schema: StructuralSchema): ValueType {
  let type = made.get(schema);
  if (type === undefined) {
    type = typeOfNode(schema);
    made.set(schema, type);
  }
  return type;
}

/** As `structuralType`, for whole objects: with `metadata`, which their schema need not declare. */
export function customObjectType(schema: StructuralSchema): ValueType {
  const fields = structuralType(schema);
  const fieldOf = (name: string): ValueType | undefined =>
    fields.kind === 'struct' ? fields.field(name) : untypedType;
  const identity = new Set(['apiVersion', 'kind']);
  return {
    kind: 'struct',
    atomic: false,
    field: (name) => {
      if (name === 'metadata') return metadataType();
      return identity.has(name) ? scalarType : fieldOf(name);
    },
  };
}

function typeOfNode(schema: StructuralSchema): ValueType {
  const { additional, items, properties, keys, list } = schema;
  if (schema.intOrString) return scalarType;
  switch (schema.type) {
    case '':
      return properties.size === 0 ? untypedType : structOf(schema);
    case 'array':
      return {
        kind: 'list',
        list,
        keys,
        element: () => (items === undefined ? untypedType : structuralType(items)),
      };
    case 'object':
      if (additional !== undefined) {
        const atomic = schema.atomicMap;
        return { kind: 'map', atomic, element: () => structuralType(additional) };
      }
      return structOf(schema);
    case 'string':
    case 'integer':
    case 'number':
    case 'boolean':
      return scalarType;
    default:
      return schema.type satisfies never;
  }
}

function structOf(schema: StructuralSchema): ValueType {
  return {
    kind: 'struct',
    atomic: schema.atomicMap,
    field: (name) => {
      const field = schema.properties.get(name);
      return field === undefined ? undefined : structuralType(field);
    },
  };
}
