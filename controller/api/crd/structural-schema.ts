import type { ListKey } from '../patch/value-type.ts';
import type { ValidationRule } from './validation-rule.ts';

/** JSON Schema's types; '' where the schema leaves it open. */
export type SchemaType = '' | 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean';

/**
 * One node of a structural schema (apiextensions.k8s.io/v1 JSONSchemaProps), read and checked once:
 * what a value looks like, how it merges, and what it must satisfy.
 */
export interface StructuralSchema {
  readonly type: SchemaType;
  readonly nullable: boolean;
  /** `x-kubernetes-preserve-unknown-fields`: undeclared fields stay. */
  readonly preserveUnknown: boolean;
  /** `x-kubernetes-embedded-resource`: has apiVersion, kind and metadata. */
  readonly embedded: boolean;
  readonly intOrString: boolean;
  readonly properties: ReadonlyMap<string, StructuralSchema>;
  /** Of maps: what their values look like. */
  readonly additional: StructuralSchema | undefined;
  readonly items: StructuralSchema | undefined;
  readonly list: 'atomic' | 'set' | 'map';
  readonly keys: readonly ListKey[];
  readonly atomicMap: boolean;
  /** undefined: none. */
  readonly defaultValue: unknown;
  readonly rules: ValueRules;
  readonly validations: readonly ValidationRule[];
}

/** What a value must satisfy; also what stands below `allOf`, `anyOf`, `oneOf` and `not`. */
export interface ValueRules {
  readonly required: readonly string[];
  /** undefined: any value. */
  readonly choices: readonly unknown[] | undefined;
  readonly pattern: RegExp | undefined;
  readonly format: string;
  readonly limits: Limits;
  readonly allOf: readonly StructuralSchema[];
  readonly anyOf: readonly StructuralSchema[];
  readonly oneOf: readonly StructuralSchema[];
  readonly not: StructuralSchema | undefined;
}

/** The numeric keywords; absent ones limit nothing. */
export interface Limits {
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: boolean;
  readonly exclusiveMaximum?: boolean;
  readonly multipleOf?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minProperties?: number;
  readonly maxProperties?: number;
}
