import { type SchemaFile, schemaFile } from '../../schema/schema-file.ts';
import { objectTypeOf } from '../../store/index.ts';
import { scalarType, untypedType, type ValueType } from '../patch/value-type.ts';
import { atomicMaps, atomicTypes, mergingLists } from './list-types.ts';

/** Made once per type: types refer to each other, and each request asks for them. */
const made = new Map<string, ValueType>();

/** How objects of the published schema merge; undefined for kinds that it lacks. */
export function publishedType(apiVersion: string, kind: string): ValueType | undefined {
  const type = ownOf(schemaFile.kinds, objectTypeOf(apiVersion, kind));
  return type === undefined ? undefined : structOf(type);
}

/** How `metadata` merges, which is the same for every kind. */
export function metadataType(): ValueType {
  return structOf('V1ObjectMeta');
}

function structOf(type: string): ValueType {
  const known = made.get(type);
  if (known !== undefined) return known;
  const schema: SchemaFile['types'][string] | undefined = ownOf(schemaFile.types, type);
  if (schema === undefined) return scalarType;
  const fields = new Map<string, ValueType>();
  const struct: ValueType = {
    kind: 'struct',
    atomic: atomicTypes.has(type),
    field: (name) => {
      const expression = ownOf(schema.fields, name);
      if (expression === undefined) return undefined;
      const field = fields.get(name) ?? fieldOf(expression, type, name);
      fields.set(name, field);
      return field;
    },
  };
  made.set(type, struct);
  return struct;
}

function fieldOf(expression: string, owner: string, name: string): ValueType {
  if (expression.startsWith('[')) {
    const element = fieldOf(expression.slice(1, -1), owner, '');
    const merging = mergingLists[owner]?.[name] ?? { list: 'atomic', keys: [] };
    const { list, keys, patchMerge } = merging;
    return {
      kind: 'list',
      list,
      keys,
      ...(patchMerge === undefined ? {} : { patchMerge }),
      element: () => element,
    };
  }
  if (expression.startsWith('{')) {
    const element = fieldOf(expression.slice(1, -1), owner, '');
    return { kind: 'map', atomic: atomicMaps.has(`${owner}.${name}`), element: () => element };
  }
  return expression === 'any' ? untypedType : structOf(expression);
}

function ownOf<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
