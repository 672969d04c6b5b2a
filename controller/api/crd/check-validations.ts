import { isJsonList, isJsonObject, ownField } from '../patch/json.ts';
import { indexList } from '../patch/list-index.ts';
import { listElement } from '../patch/path-element.ts';
import type { Issues, Path } from '../../schema/index.ts';
import { CelError } from './cel/cel-error.ts';
import { type Budget, evaluate } from './cel/evaluate.ts';
import { structuralType } from './structural-type.ts';
import type { StructuralSchema } from './structural-schema.ts';
import type { ValidationRule } from './validation-rule.ts';

/** Steps for all rules of one object: some 50 ms, during which nothing else is answered. */
const maxSteps = 500_000;

/**
 * Asks the rules of a schema (`x-kubernetes-validations`) about a value that fits it otherwise.
 * `previous`: what it replaces; rules about the change find the former element of a list by its
 * key, and none in lists without keys.
 */
export function checkValidations(
  schema: StructuralSchema,
  value: unknown,
  previous: unknown,
  issues: Issues,
): void {
  check(schema, value, previous, [], { issues, budget: { steps: maxSteps } });
}

interface Check {
  readonly issues: Issues;
  readonly budget: Budget;
}

function check(
  schema: StructuralSchema,
  value: unknown,
  previous: unknown,
  path: Path,
  how: Check,
): void {
  if (value === null) return;
  for (const rule of schema.validations) ask(rule, value, previous, path, how);
  if (isJsonObject(value)) {
    const before = isJsonObject(previous) ? previous : {};
    for (const [name, inner] of Object.entries(value)) {
      const field = schema.properties.get(name) ?? schema.additional;
      if (field === undefined) continue;
      check(field, inner, ownField(before, name), [...path, name], how);
    }
  } else if (isJsonList(value) && schema.items !== undefined) {
    const { items } = schema;
    const formerOf = formerElements(schema, previous);
    for (const [index, one] of value.entries()) {
      check(items, one, formerOf(one), [...path, index], how);
    }
  }
}

function formerElements(
  schema: StructuralSchema,
  previous: unknown,
): (element: unknown) => unknown {
  const type = structuralType(schema);
  if (schema.list !== 'map' || type.kind !== 'list' || !isJsonList(previous)) {
    return () => undefined;
  }
  const { elements } = indexList(type, previous);
  return (element) => {
    const key = listElement(type, element);
    return key === undefined ? undefined : elements.get(key);
  };
}

function ask(
  rule: ValidationRule,
  value: unknown,
  previous: unknown,
  path: Path,
  { issues, budget }: Check,
): void {
  if (rule.kind === 'unevaluated') return;
  if (rule.usesOld && (previous === undefined || previous === null)) return;
  try {
    const variables = new Map([
      ['self', value],
      ['oldSelf', previous],
    ]);
    if (evaluate(rule.expression, variables, budget) !== true) issues.invalid(path, rule.message);
  } catch (error) {
    if (!(error instanceof CelError)) throw error;
    // As upstream: a rule that cannot be answered refuses.
    issues.invalid(path, `${rule.message} (${error.message})`);
  }
}
