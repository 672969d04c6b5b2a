import type { Expression } from './expression.ts';

/** The free names of an expression: variables of comprehensions are bound. */
export function namesIn(expression: Expression): ReadonlySet<string> {
  const names = new Set<string>();
  collect(expression, new Set(), names);
  return names;
}

function collect(expression: Expression, bound: ReadonlySet<string>, names: Set<string>): void {
  const into = (...inner: readonly Expression[]): void => {
    for (const one of inner) collect(one, bound, names);
  };
  switch (expression.kind) {
    case 'literal':
      return;
    case 'name':
      if (!bound.has(expression.name)) names.add(expression.name);
      return;
    case 'list':
      into(...expression.elements);
      return;
    case 'select':
    case 'matches':
      into(expression.of);
      return;
    case 'index':
      into(expression.of, expression.at);
      return;
    case 'unary':
      into(expression.operand);
      return;
    case 'binary':
      into(expression.left, expression.right);
      return;
    case 'conditional':
      into(expression.test, expression.consequent, expression.alternative);
      return;
    case 'call':
      into(...expression.arguments);
      return;
    case 'comprehension':
      into(expression.of);
      collect(expression.body, new Set([...bound, expression.variable]), names);
      return;
    default:
      expression satisfies never;
  }
}
