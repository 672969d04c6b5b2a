import { isJsonList, isJsonObject, type JsonObject, ownField } from '../patch/json.ts';
import { indexList } from '../patch/list-index.ts';
import { type Issue, Issues, type Path, refuses } from '../../schema/index.ts';
import { show } from '../../schema/scalar.ts';
import { jsonEqual } from '../../store/index.ts';
import { hasFormat } from './string-format.ts';
import { checkValidations } from './check-validations.ts';
import { structuralType } from './structural-type.ts';
import type { Limits, StructuralSchema } from './structural-schema.ts';

/**
 * What of a value breaks its schema. `metadata` of the object itself is not looked at. `previous`:
 * what an update replaces, for rules that compare the two. Rules are asked only about values that
 * fit the schema otherwise.
 */
export function validateCustom(
  schema: StructuralSchema,
  value: unknown,
  previous?: unknown,
): readonly Issue[] {
  const issues = new Issues();
  check(schema, value, [], issues);
  if (!refuses(issues.found)) checkValidations(schema, value, previous, issues);
  return issues.found;
}

function check(schema: StructuralSchema, value: unknown, path: Path, issues: Issues): void {
  if (value === null && schema.nullable) return;
  const wrong = typeMismatch(schema, value);
  if (wrong !== undefined) {
    issues.invalid(path, `must be ${wrong}, not ${show(value)}`);
    return;
  }
  checkRules(schema, value, path, issues);
  if (isJsonObject(value)) checkObject(schema, value, path, issues);
  else if (isJsonList(value)) checkList(schema, value, path, issues);
}

/** What the value had to be; undefined when it is. */
function typeMismatch(schema: StructuralSchema, value: unknown): string | undefined {
  if (schema.intOrString) {
    return typeof value === 'string' || Number.isInteger(value) ? undefined : 'a number or text';
  }
  switch (schema.type) {
    case '':
      return undefined;
    case 'object':
      return isJsonObject(value) ? undefined : 'an object';
    case 'array':
      return isJsonList(value) ? undefined : 'a list';
    case 'integer':
      return Number.isInteger(value) ? undefined : 'a whole number';
    case 'string':
      return typeof value === 'string' ? undefined : 'text';
    case 'number':
      return typeof value === 'number' ? undefined : 'a number';
    case 'boolean':
      return typeof value === 'boolean' ? undefined : 'true or false';
    default:
      return schema.type satisfies never;
  }
}

function checkObject(
  schema: StructuralSchema,
  value: JsonObject,
  path: Path,
  issues: Issues,
): void {
  for (const name of schema.rules.required) {
    if (ownField(value, name) === undefined) issues.missing([...path, name], 'is required');
  }
  for (const [name, inner] of Object.entries(value)) {
    // Metadata has its own rules, the same for all kinds.
    if (path.length === 0 && name === 'metadata') continue;
    const field = schema.properties.get(name) ?? schema.additional;
    if (field !== undefined) check(field, inner, [...path, name], issues);
  }
}

function checkList(
  schema: StructuralSchema,
  list: readonly unknown[],
  path: Path,
  issues: Issues,
): void {
  const { items } = schema;
  if (items !== undefined) {
    for (const [index, one] of list.entries()) check(items, one, [...path, index], issues);
  }
  if (schema.list === 'atomic') return;
  const type = structuralType(schema);
  if (type.kind === 'list' && indexList(type, list).strays.length > 0) {
    const keys = schema.keys.map(({ name }) => name).join(', ');
    issues.invalid(path, `must not have two elements that are the same${keys && ` in ${keys}`}`);
  }
}

function checkRules(schema: StructuralSchema, value: unknown, path: Path, issues: Issues): void {
  const { choices, pattern, format, limits, allOf, anyOf, oneOf, not } = schema.rules;
  if (choices !== undefined && !choices.some((choice) => jsonEqual(choice, value))) {
    const allowed = choices.slice(0, 20).map((choice) => JSON.stringify(choice));
    issues.invalid(path, `must be one of ${allowed.join(', ')}, not ${show(value)}`);
  }
  if (typeof value === 'string') {
    if (pattern !== undefined && !pattern.test(value)) {
      issues.invalid(path, `must match ${pattern.source}, not ${show(value)}`);
    }
    if (!hasFormat(value, format)) issues.invalid(path, `must be a ${format}, not ${show(value)}`);
  }
  checkLimits(limits, value, path, issues);
  const fits = (inner: StructuralSchema): boolean => {
    const found = new Issues();
    check(inner, value, path, found);
    return !refuses(found.found);
  };
  for (const inner of allOf) check(inner, value, path, issues);
  if (anyOf.length > 0 && !anyOf.some(fits)) {
    issues.invalid(path, 'must fit at least one of the schemas of anyOf');
  }
  if (oneOf.length > 0 && oneOf.filter(fits).length !== 1) {
    issues.invalid(path, 'must fit exactly one of the schemas of oneOf');
  }
  if (not !== undefined && fits(not)) issues.invalid(path, 'must not fit the schema of not');
}

function checkLimits(limits: Limits, value: unknown, path: Path, issues: Issues): void {
  const { minimum, maximum, multipleOf } = limits;
  if (typeof value === 'number') {
    const belowIt = limits.exclusiveMinimum === true ? 'more than' : 'at least';
    const aboveIt = limits.exclusiveMaximum === true ? 'less than' : 'at most';
    if (
      minimum !== undefined &&
      (value < minimum || (value === minimum && belowIt === 'more than'))
    ) {
      issues.invalid(path, `must be ${belowIt} ${minimum}, not ${value}`);
    }
    if (
      maximum !== undefined &&
      (value > maximum || (value === maximum && aboveIt === 'less than'))
    ) {
      issues.invalid(path, `must be ${aboveIt} ${maximum}, not ${value}`);
    }
    if (multipleOf !== undefined && !isMultiple(value, multipleOf)) {
      issues.invalid(path, `must be a multiple of ${multipleOf}, not ${value}`);
    }
  } else if (typeof value === 'string') {
    const { minLength, maxLength } = limits;
    checkCount(Array.from(value).length, minLength, maxLength, 'characters', path, issues);
  } else if (isJsonList(value)) {
    checkCount(value.length, limits.minItems, limits.maxItems, 'elements', path, issues);
  } else if (isJsonObject(value)) {
    const { minProperties, maxProperties } = limits;
    const { length } = Object.keys(value);
    checkCount(length, minProperties, maxProperties, 'fields', path, issues);
  }
}

function checkCount(
  count: number,
  min: number | undefined,
  max: number | undefined,
  what: string,
  path: Path,
  issues: Issues,
): void {
  if (min !== undefined && count < min) {
    issues.invalid(path, `must have at least ${min} ${what}, not ${count}`);
  }
  if (max !== undefined && count > max) {
    issues.invalid(path, `must have at most ${max} ${what}, not ${count}`);
  }
}

/** With room for what binary fractions cannot say: 0.3 is a multiple of 0.1. */
function isMultiple(value: number, of: number): boolean {
  if (of === 0) return false;
  const quotient = value / of;
  return Math.abs(quotient - Math.round(quotient)) < 1e-9 * Math.max(1, Math.abs(quotient));
}
