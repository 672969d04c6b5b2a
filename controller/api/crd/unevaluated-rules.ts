import type { StructuralSchema } from './structural-schema.ts';

/** A rule in CEL that is kept, but refuses nothing here. */
export interface UnevaluatedRule {
  readonly rule: string;
  readonly why: string;
}

/** All of them, at and below a node. */
export function unevaluatedRules(schema: StructuralSchema): readonly UnevaluatedRule[] {
  const { properties, items, additional, validations } = schema;
  const own = validations.filter((rule) => rule.kind === 'unevaluated');
  const below = [...properties.values(), items, additional].flatMap((inner) =>
    inner === undefined ? [] : unevaluatedRules(inner),
  );
  return [...own, ...below];
}
