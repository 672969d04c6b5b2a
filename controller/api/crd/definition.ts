import {
  isJsonList,
  isJsonObject,
  type JsonObject,
  metadataOf,
  ownField,
  textField,
} from '../patch/json.ts';

/** The names of a custom kind (`spec.names`). */
export interface CustomNames {
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly kind: string;
  readonly listKind: string;
  readonly categories: readonly string[];
}

/** A version of a custom kind (`spec.versions[]`). */
export interface CustomVersion {
  readonly name: string;
  readonly served: boolean;
  readonly storage: boolean;
  readonly deprecated: boolean;
  readonly openAPIV3Schema: JsonObject;
  readonly hasStatus: boolean;
  /** Paths of `subresources.scale`. */
  readonly scale: CustomScale | undefined;
  readonly columns: readonly PrinterColumn[];
}

/** Where a scale is found in an object: `.spec.replicas`. */
export interface CustomScale {
  readonly specReplicasPath: string;
  readonly statusReplicasPath: string;
  /** '' when there is none. */
  readonly labelSelectorPath: string;
}

/** `additionalPrinterColumns[]`. */
export interface PrinterColumn {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  readonly description: string;
  readonly jsonPath: string;
  /** Columns above 0 show with `-o wide` alone. */
  readonly priority: number;
}

/** What a CustomResourceDefinition says, as far as it says it. */
export interface Definition {
  /** `widgets.example.com`. */
  readonly name: string;
  readonly group: string;
  readonly namespaced: boolean;
  readonly names: CustomNames;
  readonly versions: readonly CustomVersion[];
}

/** Reads a CustomResourceDefinition of which `checkDefinition` finds nothing wrong. */
export function readDefinition(object: JsonObject): Definition {
  const spec = objectField(object, 'spec');
  const names = objectField(spec, 'names');
  const kind = textField(names, 'kind');
  return {
    name: textField(metadataOf(object), 'name'),
    group: textField(spec, 'group'),
    namespaced: textField(spec, 'scope') !== 'Cluster',
    names: {
      plural: textField(names, 'plural'),
      singular: textField(names, 'singular') || kind.toLowerCase(),
      shortNames: textList(names, 'shortNames'),
      kind,
      listKind: textField(names, 'listKind') || `${kind}List`,
      categories: textList(names, 'categories'),
    },
    versions: objectList(spec, 'versions').map(readVersion),
  };
}

function readVersion(version: JsonObject): CustomVersion {
  const subresources = objectField(version, 'subresources');
  const scale = ownField(subresources, 'scale');
  return {
    name: textField(version, 'name'),
    served: version['served'] === true,
    storage: version['storage'] === true,
    deprecated: version['deprecated'] === true,
    openAPIV3Schema: objectField(objectField(version, 'schema'), 'openAPIV3Schema'),
    hasStatus: isJsonObject(ownField(subresources, 'status')),
    scale: isJsonObject(scale)
      ? {
          specReplicasPath: textField(scale, 'specReplicasPath'),
          statusReplicasPath: textField(scale, 'statusReplicasPath'),
          labelSelectorPath: textField(scale, 'labelSelectorPath'),
        }
      : undefined,
    columns: objectList(version, 'additionalPrinterColumns').map(readColumn),
  };
}

function readColumn(column: JsonObject): PrinterColumn {
  const priority = ownField(column, 'priority');
  return {
    name: textField(column, 'name'),
    type: textField(column, 'type'),
    format: textField(column, 'format'),
    description: textField(column, 'description'),
    jsonPath: textField(column, 'jsonPath'),
    priority: typeof priority === 'number' ? priority : 0,
  };
}

function objectField(object: JsonObject, key: string): JsonObject {
  const value = ownField(object, key);
  return isJsonObject(value) ? value : {};
}

function objectList(object: JsonObject, key: string): readonly JsonObject[] {
  const value = ownField(object, key);
  return isJsonList(value) ? value.filter(isJsonObject) : [];
}

function textList(object: JsonObject, key: string): readonly string[] {
  const value = ownField(object, key);
  return isJsonList(value) ? value.filter((one) => typeof one === 'string') : [];
}
