import { isJsonList, isJsonObject } from './json.ts';

/**
 * What patches must know of a value's type: how it merges. Made from the published schema
 * (`publishedType`) or from that of a CustomResourceDefinition (`structuralType`). Types refer to
 * each other lazily, since some contain themselves.
 */
export type ValueType = ScalarType | UntypedType | StructType | MapType | ListType;

export interface ScalarType {
  readonly kind: 'scalar';
}

/** No schema: objects merge field by field, lists are replaced whole. */
export interface UntypedType {
  readonly kind: 'untyped';
}

/** An object with declared fields. */
export interface StructType {
  readonly kind: 'struct';
  /** `x-kubernetes-map-type: atomic`: it has one owner and is replaced whole. */
  readonly atomic: boolean;
  /** The type of a declared field. */
  field(name: string): ValueType | undefined;
}

/** An object whose keys are data: labels, annotations, `data` of a ConfigMap. */
export interface MapType {
  readonly kind: 'map';
  readonly atomic: boolean;
  element(): ValueType;
}

export interface ListType {
  readonly kind: 'list';
  /** `x-kubernetes-list-type`; what identifies an element of a map list. */
  readonly list: 'atomic' | 'set' | 'map';
  readonly keys: readonly ListKey[];
  /** `x-kubernetes-patch-strategy` merge, with the key; absent for lists that patches replace. */
  readonly patchMerge?: { readonly key: string | undefined };
  element(): ValueType;
}

/** A field that identifies list elements, and its value where they leave it out. */
export interface ListKey {
  readonly name: string;
  readonly whenAbsent?: string | number | boolean;
}

export const scalarType: ScalarType = { kind: 'scalar' };
export const untypedType: UntypedType = { kind: 'untyped' };

const untypedMap: MapType = { kind: 'map', atomic: false, element: () => untypedType };
const atomicList: ListType = {
  kind: 'list',
  list: 'atomic',
  keys: [],
  element: () => untypedType,
};

/**
 * The type under which a value that is there is treated: what has no schema is told by its looks,
 * and a value that does not fit its schema is one leaf.
 */
export function typeOfValue(
  type: ValueType,
  value: unknown,
): ScalarType | StructType | MapType | ListType {
  if (isJsonObject(value)) {
    if (type.kind === 'struct' || type.kind === 'map') return type;
    return type.kind === 'untyped' ? untypedMap : scalarType;
  }
  if (isJsonList(value)) {
    if (type.kind === 'list') return type;
    return type.kind === 'untyped' ? atomicList : scalarType;
  }
  return scalarType;
}

/** The type of an object's field; an undeclared one has none. */
export function typeOfField(type: StructType | MapType, name: string): ValueType {
  return type.kind === 'map' ? type.element() : (type.field(name) ?? untypedType);
}
