import { isJsonList, isJsonObject, ownField } from '../../patch/json.ts';
import { jsonEqual } from '../../../store/index.ts';
import { CelError } from './cel-error.ts';
import type { Expression, FunctionName } from './expression.ts';

/** What names stand for. */
export type Variables = ReadonlyMap<string, unknown>;

/** Steps that may still be made: each part of an expression is one, each time. */
export interface Budget {
  steps: number;
}

/**
 * The value of an expression.
 * @throws CelError `Evaluation` for what has none (a field that is not there, operands that do not
 * go together), `TooExpensive` when the budget is spent
 */
export function evaluate(expression: Expression, variables: Variables, budget: Budget): unknown {
  spend(budget, 1);
  const valueOf = (one: Expression): unknown => evaluate(one, variables, budget);
  switch (expression.kind) {
    case 'literal':
      return expression.value;
    case 'name':
      if (!variables.has(expression.name)) throw failed(`there is no ${expression.name}`);
      return variables.get(expression.name);
    case 'list':
      return expression.elements.map(valueOf);
    case 'select':
      return select(valueOf(expression.of), expression.field, expression.test);
    case 'index':
      return index(valueOf(expression.of), valueOf(expression.at));
    case 'unary': {
      const operand = valueOf(expression.operand);
      if (expression.operator === '!') return !truth(operand);
      return -numberOf(operand);
    }
    case 'binary':
      return binary(expression, valueOf, budget);
    case 'conditional':
      return valueOf(
        truth(valueOf(expression.test)) ? expression.consequent : expression.alternative,
      );
    case 'call':
      return callFunction(expression.name, expression.arguments.map(valueOf), budget);
    case 'matches': {
      const text = textOf(valueOf(expression.of));
      spend(budget, text.length);
      return expression.pattern.test(text);
    }
    case 'comprehension':
      return comprehension(expression, valueOf(expression.of), variables, budget);
    default:
      return expression satisfies never;
  }
}

function spend(budget: Budget, steps: number): void {
  budget.steps -= steps;
  if (budget.steps < 0) throw new CelError('TooExpensive', 'the rule takes too long');
}

function select(of: unknown, field: string, test: boolean): unknown {
  if (!isJsonObject(of)) throw failed(`no field ${field} in what is no object`);
  const value = ownField(of, field);
  if (test) return value !== undefined;
  if (value === undefined) throw failed(`no such key: ${field}`);
  return value;
}

function index(of: unknown, at: unknown): unknown {
  if (isJsonList(of)) {
    const found = typeof at === 'number' ? of[at] : undefined;
    if (found === undefined) throw failed('index out of bounds');
    return found;
  }
  if (isJsonObject(of) && typeof at === 'string') return select(of, at, false);
  throw failed('no such key');
}

function binary(
  { operator, left, right }: Extract<Expression, { readonly kind: 'binary' }>,
  valueOf: (expression: Expression) => unknown,
  budget: Budget,
): unknown {
  if (operator === '||' || operator === '&&') return logic(operator === '||', left, right, valueOf);
  const a = valueOf(left);
  const b = valueOf(right);
  spend(budget, sizeForCost(a));
  switch (operator) {
    case '==':
      return jsonEqual(a, b);
    case '!=':
      return !jsonEqual(a, b);
    case '<':
      return compare(a, b) < 0;
    case '<=':
      return compare(a, b) <= 0;
    case '>':
      return compare(a, b) > 0;
    case '>=':
      return compare(a, b) >= 0;
    case 'in':
      spend(budget, sizeForCost(b));
      if (isJsonList(b)) return b.some((one) => jsonEqual(one, a));
      if (isJsonObject(b) && typeof a === 'string') return Object.hasOwn(b, a);
      throw failed('"in" needs a list or a map');
    case '+':
      return add(a, b, budget);
    case '-':
      return safe(numberOf(a) - numberOf(b));
    case '*':
      return safe(numberOf(a) * numberOf(b));
    case '%':
      if (b === 0) throw failed('modulus by zero');
      return numberOf(a) % numberOf(b);
    default:
      return operator satisfies never;
  }
}

/** One operand may decide although the other fails, on whichever side (CEL, "Logical Operators"). */
function logic(
  decisive: boolean,
  left: Expression,
  right: Expression,
  valueOf: (expression: Expression) => unknown,
): boolean {
  let first: boolean;
  try {
    first = truth(valueOf(left));
  } catch (error) {
    if (!(error instanceof CelError) || error.code !== 'Evaluation') throw error;
    if (truth(valueOf(right)) === decisive) return decisive;
    throw error;
  }
  return first === decisive ? decisive : truth(valueOf(right));
}

function comprehension(
  { macro, variable, body }: Extract<Expression, { readonly kind: 'comprehension' }>,
  of: unknown,
  variables: Variables,
  budget: Budget,
): unknown {
  // Over a map, its keys.
  const elements = isJsonList(of) ? of : isJsonObject(of) ? Object.keys(of) : undefined;
  if (elements === undefined) throw failed(`${macro}() needs a list or a map`);
  const at = (element: unknown): unknown =>
    evaluate(body, new Map([...variables, [variable, element]]), budget);
  switch (macro) {
    case 'all':
      return decide(elements, at, false);
    case 'exists':
      return decide(elements, at, true);
    case 'exists_one':
      return elements.filter((element) => truth(at(element))).length === 1;
    case 'filter':
      return elements.filter((element) => truth(at(element)));
    case 'map':
      return elements.map(at);
    default:
      return macro satisfies never;
  }
}

/** As `||` or `&&` over all elements: one that decides makes up for others that fail. */
function decide(
  elements: readonly unknown[],
  at: (element: unknown) => unknown,
  decisive: boolean,
): boolean {
  let failure: CelError | undefined;
  for (const element of elements) {
    try {
      if (truth(at(element)) === decisive) return decisive;
    } catch (error) {
      if (!(error instanceof CelError) || error.code !== 'Evaluation') throw error;
      failure ??= error;
    }
  }
  if (failure !== undefined) throw failure;
  return !decisive;
}

function callFunction(name: FunctionName, args: readonly unknown[], budget: Budget): unknown {
  const [first, second] = args;
  spend(budget, sizeForCost(first));
  switch (name) {
    case 'size':
      return sizeOf(first);
    case 'contains':
      return textOf(first).includes(textOf(second));
    case 'startsWith':
      return textOf(first).startsWith(textOf(second));
    case 'endsWith':
      return textOf(first).endsWith(textOf(second));
    case 'lowerAscii':
      return textOf(first).replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());
    case 'upperAscii':
      return textOf(first).replaceAll(/[a-z]+/g, (letters) => letters.toUpperCase());
    case 'trim':
      return textOf(first).trim();
    case 'split':
      return textOf(first).split(textOf(second));
    case 'join':
      if (!isJsonList(first)) throw failed('join() needs a list');
      return first.map(textOf).join(textOf(second));
    case 'string':
      if (typeof first === 'string') return first;
      if (typeof first === 'boolean' || Number.isInteger(first)) return String(first);
      throw failed('string() needs a scalar');
    default:
      return name satisfies never;
  }
}

function sizeOf(value: unknown): number {
  if (typeof value === 'string') return Array.from(value).length;
  if (isJsonList(value)) return value.length;
  if (isJsonObject(value)) return Object.keys(value).length;
  throw failed('size() needs text, a list or a map');
}

function sizeForCost(value: unknown): number {
  if (typeof value === 'string') return value.length / 16;
  return typeof value === 'object' && value !== null ? Object.keys(value).length : 0;
}

function compare(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'string' && typeof b === 'string') {
    return Buffer.compare(Buffer.from(a), Buffer.from(b));
  }
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b);
  throw failed('these do not compare');
}

function add(a: unknown, b: unknown, budget: Budget): unknown {
  spend(budget, sizeForCost(b));
  if (typeof a === 'number' && typeof b === 'number') return safe(a + b);
  if (typeof a === 'string' && typeof b === 'string') return a + b;
  if (isJsonList(a) && isJsonList(b)) return [...a, ...b];
  throw failed('these do not add up');
}

/** Beyond 2⁵³ whole numbers are not what an int64 would be. */
function safe(value: number): number {
  if (Math.abs(value) > Number.MAX_SAFE_INTEGER) throw failed('the number is too large');
  return value;
}

function truth(value: unknown): boolean {
  if (typeof value !== 'boolean') throw failed('neither true nor false');
  return value;
}

function numberOf(value: unknown): number {
  if (typeof value !== 'number') throw failed('no number');
  return value;
}

function textOf(value: unknown): string {
  if (typeof value !== 'string') throw failed('no text');
  return value;
}

function failed(message: string): CelError {
  return new CelError('Evaluation', message);
}
