import { isJsonList, isJsonObject, type JsonObject, ownField } from '../patch/json.ts';
import { type Issues, type Path } from '../../schema/index.ts';
import { compilePattern } from './pattern.ts';
import type { Limits, SchemaType, StructuralSchema, ValueRules } from './structural-schema.ts';
import { readValidations } from './validation-rule.ts';

/** JSON Schema that the API forbids in structural schemas. */
const forbidden: readonly string[] = [
  '$ref',
  'definitions',
  'dependencies',
  'deprecated',
  'discriminator',
  'id',
  'patternProperties',
  'readOnly',
  'writeOnly',
  'xml',
];

/** What says how a value looks, and so may not stand below `allOf`, `anyOf`, `oneOf` and `not`. */
const structureOnly: readonly string[] = ['additionalProperties', 'default', 'nullable', 'type'];

const types: ReadonlySet<unknown> = new Set<SchemaType>([
  'object',
  'array',
  'string',
  'integer',
  'number',
  'boolean',
]);

interface Reading {
  /** Where what is wrong with the schema goes. */
  readonly issues: Issues;
  /** Below `allOf` and the like. */
  readonly isLogic: boolean;
  /** Below `x-kubernetes-int-or-string`, where `anyOf` names the two types. */
  readonly isIntOrString: boolean;
}

/** Reads `openAPIV3Schema`; what breaks the rules of structural schemas becomes an issue. */
export function readSchema(raw: unknown, path: Path, issues: Issues): StructuralSchema {
  const schema = readNode(raw, path, { issues, isLogic: false, isIntOrString: false });
  if (schema.type !== 'object') issues.invalid([...path, 'type'], 'must be object at the root');
  return schema;
}

function readNode(raw: unknown, path: Path, reading: Reading): StructuralSchema {
  const { issues, isLogic } = reading;
  const node = isJsonObject(raw) ? raw : {};
  if (!isJsonObject(raw)) issues.invalid(path, 'must be a schema');
  for (const key of forbidden) {
    if (Object.hasOwn(node, key)) issues.invalid([...path, key], 'is forbidden in a schema');
  }
  if (node['uniqueItems'] === true) {
    issues.invalid([...path, 'uniqueItems'], 'is forbidden', 'x-kubernetes-list-type: set');
  }
  const intOrString = node['x-kubernetes-int-or-string'] === true;
  const preserveUnknown = node['x-kubernetes-preserve-unknown-fields'] === true;
  checkStructure(node, path, reading, intOrString || preserveUnknown);
  const items = ownField(node, 'items');
  const list = listKind(node, path, issues);
  const read: StructuralSchema = {
    type: typeOf(node),
    nullable: node['nullable'] === true,
    preserveUnknown,
    embedded: node['x-kubernetes-embedded-resource'] === true,
    intOrString,
    properties: readProperties(node, path, reading),
    additional: readAdditional(node, path, reading),
    items: items === undefined ? undefined : readNode(items, [...path, 'items'], reading),
    list,
    keys: [],
    atomicMap: node['x-kubernetes-map-type'] === 'atomic',
    defaultValue: ownField(node, 'default'),
    rules: readRules(node, path, reading),
    validations: [],
  };
  if (isLogic) return read;
  const validations = readValidations(node, read, path, issues);
  const keys = list === 'map' ? readKeys(node, read, path, issues) : [];
  return { ...read, keys, validations };
}

function checkStructure(node: JsonObject, path: Path, reading: Reading, isOpen: boolean): void {
  const { issues, isLogic, isIntOrString } = reading;
  if (isLogic) {
    for (const key of structureOnly) {
      if (Object.hasOwn(node, key) && !(key === 'type' && isIntOrString)) {
        issues.invalid([...path, key], 'must not stand below allOf, anyOf, oneOf or not');
      }
    }
    return;
  }
  const type = ownField(node, 'type');
  if (type === undefined || type === '') {
    if (!isOpen) issues.missing([...path, 'type'], 'is required: the schema must be structural');
  } else if (!types.has(type)) {
    issues.invalid([...path, 'type'], 'must be object, array, string, integer, number or boolean');
  }
  if (type === 'array' && !isJsonObject(ownField(node, 'items'))) {
    issues.missing([...path, 'items'], 'is required: what a list holds');
  }
}

function typeOf(node: JsonObject): SchemaType {
  const type = ownField(node, 'type');
  return isSchemaType(type) ? type : '';
}

function isSchemaType(value: unknown): value is SchemaType {
  return types.has(value);
}

function readProperties(
  node: JsonObject,
  path: Path,
  reading: Reading,
): ReadonlyMap<string, StructuralSchema> {
  const properties = ownField(node, 'properties');
  if (!isJsonObject(properties)) return new Map();
  return new Map(
    Object.entries(properties).map(([name, inner]) => [
      name,
      readNode(inner, [...path, 'properties', name], reading),
    ]),
  );
}

function readAdditional(
  node: JsonObject,
  path: Path,
  reading: Reading,
): StructuralSchema | undefined {
  const additional = ownField(node, 'additionalProperties');
  if (additional === undefined) return undefined;
  const at = [...path, 'additionalProperties'];
  if (Object.hasOwn(node, 'properties')) {
    reading.issues.invalid(at, 'must not stand beside properties');
  }
  if (additional === false) reading.issues.invalid(at, 'must not be false');
  if (typeof additional === 'boolean') {
    return readNode({ 'x-kubernetes-preserve-unknown-fields': true }, at, reading);
  }
  return readNode(additional, at, reading);
}

function listKind(node: JsonObject, path: Path, issues: Issues): StructuralSchema['list'] {
  const list = ownField(node, 'x-kubernetes-list-type');
  if (list === undefined || list === 'atomic') return 'atomic';
  if (list === 'set' || list === 'map') return list;
  issues.invalid([...path, 'x-kubernetes-list-type'], 'must be atomic, set or map');
  return 'atomic';
}

function readKeys(
  node: JsonObject,
  read: StructuralSchema,
  path: Path,
  issues: Issues,
): StructuralSchema['keys'] {
  const at = [...path, 'x-kubernetes-list-map-keys'];
  const names = textList(ownField(node, 'x-kubernetes-list-map-keys'));
  if (names.length === 0) issues.missing(at, 'is required for a list of type map');
  return names.map((name) => {
    const field = read.items?.properties.get(name);
    const value = field?.defaultValue;
    const isScalar =
      typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
    if (field === undefined) issues.invalid(at, `names ${name}, which items do not declare`);
    else if (!isScalar && !read.items?.rules.required.includes(name)) {
      issues.invalid(at, `names ${name}, which must be required in items, or have a default`);
    }
    return isScalar ? { name, whenAbsent: value } : { name };
  });
}

function readRules(node: JsonObject, path: Path, reading: Reading): ValueRules {
  const isIntOrString = reading.isIntOrString || node['x-kubernetes-int-or-string'] === true;
  const logic = { ...reading, isLogic: true, isIntOrString };
  const several = (key: string): readonly StructuralSchema[] => {
    const list = ownField(node, key);
    if (!isJsonList(list)) return [];
    return list.map((inner, index) => readNode(inner, [...path, key, index], logic));
  };
  const not = ownField(node, 'not');
  const choices = ownField(node, 'enum');
  const format = ownField(node, 'format');
  return {
    required: textList(ownField(node, 'required')),
    choices: isJsonList(choices) ? choices : undefined,
    pattern: readPattern(node, path, reading.issues),
    format: typeof format === 'string' ? format : '',
    limits: readLimits(node),
    allOf: several('allOf'),
    anyOf: several('anyOf'),
    oneOf: several('oneOf'),
    not: not === undefined ? undefined : readNode(not, [...path, 'not'], logic),
  };
}

function readPattern(node: JsonObject, path: Path, issues: Issues): RegExp | undefined {
  const text = ownField(node, 'pattern');
  if (typeof text !== 'string') return undefined;
  const pattern = compilePattern(text);
  if (pattern.kind === 'pattern') return pattern.expression;
  issues.invalid([...path, 'pattern'], `cannot be used: ${pattern.why}`);
  return undefined;
}

function readLimits(node: JsonObject): Limits {
  const number = (key: keyof Limits): object => {
    const value = ownField(node, key);
    return typeof value === 'number' || typeof value === 'boolean' ? { [key]: value } : {};
  };
  const keys = [
    'minimum',
    'maximum',
    'exclusiveMinimum',
    'exclusiveMaximum',
    'multipleOf',
    'minLength',
    'maxLength',
    'minItems',
    'maxItems',
    'minProperties',
    'maxProperties',
  ] as const;
  return Object.assign({}, ...keys.map(number));
}

function textList(value: unknown): readonly string[] {
  return isJsonList(value) ? value.filter((one) => typeof one === 'string') : [];
}
