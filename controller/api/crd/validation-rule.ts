import { isJsonList, isJsonObject, type JsonObject, ownField, textField } from '../patch/json.ts';
import type { Issues, Path } from '../../schema/index.ts';
import { CelError } from './cel/cel-error.ts';
import type { Expression } from './cel/expression.ts';
import { namesIn } from './cel/mentions.ts';
import { parseExpression } from './cel/parse.ts';
import type { StructuralSchema } from './structural-schema.ts';

/** One element of `x-kubernetes-validations` (KEP-2876). */
export type ValidationRule =
  | {
      readonly kind: 'evaluated';
      readonly expression: Expression;
      /** Compares with what an update replaces, and so says nothing about a create. */
      readonly usesOld: boolean;
      /** What is wrong with a value that breaks the rule. */
      readonly message: string;
    }
  /** CEL that is not evaluated here, and why. */
  | { readonly kind: 'unevaluated'; readonly rule: string; readonly why: string };

/** Strings that are times, durations or bytes in CEL, and behave as those. */
const typedFormats: ReadonlySet<string> = new Set([
  'byte',
  'date',
  'date-time',
  'datetime',
  'duration',
]);

/** Reads the rules of one node of a schema; what is no CEL becomes an issue. */
export function readValidations(
  node: JsonObject,
  schema: StructuralSchema,
  path: Path,
  issues: Issues,
): readonly ValidationRule[] {
  const rules = ownField(node, 'x-kubernetes-validations');
  if (!isJsonList(rules)) return [];
  return rules.filter(isJsonObject).flatMap((raw, index) => {
    const rule = textField(raw, 'rule').trim();
    try {
      return [readRule(raw, rule, schema)];
    } catch (error) {
      if (!(error instanceof CelError)) throw error;
      if (error.code === 'Unsupported') return [{ kind: 'unevaluated', rule, why: error.message }];
      const at = [...path, 'x-kubernetes-validations', index, 'rule'];
      issues.invalid(at, `is no expression in CEL: ${error.message}`);
      return [];
    }
  });
}

function readRule(raw: JsonObject, rule: string, schema: StructuralSchema): ValidationRule {
  const expression = parseExpression(rule);
  const names = namesIn(expression);
  for (const name of names) {
    if (name !== 'self' && name !== 'oldSelf') {
      throw new CelError('Unsupported', `the name ${name}`);
    }
  }
  if (ownField(raw, 'optionalOldSelf') === true) {
    throw new CelError('Unsupported', 'optionalOldSelf');
  }
  const format = typedFormat(schema);
  if (format !== undefined) throw new CelError('Unsupported', `fields of format ${format}`);
  const message = textField(raw, 'message').trim() || `failed rule: ${rule}`;
  return { kind: 'evaluated', expression, usesOld: names.has('oldSelf'), message };
}

/** A format at or below a node whose values are no plain strings to CEL. */
function typedFormat(schema: StructuralSchema): string | undefined {
  if (typedFormats.has(schema.rules.format)) return schema.rules.format;
  const { properties, items, additional } = schema;
  for (const inner of [...properties.values(), items, additional]) {
    const found = inner === undefined ? undefined : typedFormat(inner);
    if (found !== undefined) return found;
  }
  return undefined;
}
