import { isJsonObject, type JsonObject } from '../patch/json.ts';
import type { ValueType } from '../patch/index.ts';
import { type Issue, Issues, type Path } from '../../schema/index.ts';
import { defaultCustom } from './default-custom.ts';
import { pruneCustom } from './prune-custom.ts';
import { readSchema } from './read-schema.ts';
import { customObjectType } from './structural-type.ts';
import { validateCustom } from './validate-custom.ts';

/** What became of an object of a custom kind. */
export interface CustomAdmission {
  /** Without undeclared fields, with defaults. */
  readonly object: JsonObject;
  /** Undeclared fields, for `fieldValidation`. */
  readonly unknown: readonly Path[];
  /** Errors refuse the object. */
  readonly issues: readonly Issue[];
}

/** One version of a custom kind, ready to admit objects. */
export interface CustomKind {
  /** How its objects merge. */
  readonly type: ValueType;
  /** `previous`: what an update replaces. */
  admit(object: JsonObject, previous?: JsonObject): CustomAdmission;
}

/** Objects in a store are never changed: the same schema is the same kind. */
const made = new WeakMap<JsonObject, CustomKind>();

/**
 * Makes a kind of the `openAPIV3Schema` of a definition's version. What is wrong with the schema is
 * `checkDefinition`'s to say; a kind is made of it all the same, as wide as it is unclear.
 */
export function customKind(openAPIV3Schema: JsonObject): CustomKind {
  let kind = made.get(openAPIV3Schema);
  if (kind === undefined) {
    kind = compile(openAPIV3Schema);
    made.set(openAPIV3Schema, kind);
  }
  return kind;
}

function compile(openAPIV3Schema: JsonObject): CustomKind {
  const schema = readSchema(openAPIV3Schema, [], new Issues());
  return {
    type: customObjectType(schema),
    admit: (object, previous) => {
      const { value, unknown } = pruneCustom(schema, object);
      const filled = defaultCustom(schema, value);
      const admitted = isJsonObject(filled) ? filled : object;
      return { object: admitted, unknown, issues: validateCustom(schema, admitted, previous) };
    },
  };
}
