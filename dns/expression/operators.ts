import { asBoolean, asList, asNumber, asText, isList, type Value } from './values.ts';

/** An operator between two values; the right one is worked out only if it is needed. */
export interface BinaryOperator {
  /** Higher ones bind tighter. */
  readonly precedence: number;
  readonly apply: (left: Value, right: () => Value) => Value;
}

function binary(
  precedence: number,
  apply: (left: Value, right: () => Value) => Value,
): BinaryOperator {
  return { precedence, apply };
}

const or = binary(1, (left, right) => asBoolean(left) || asBoolean(right()));
const and = binary(2, (left, right) => asBoolean(left) && asBoolean(right()));

/** `matches`: its pattern is read once, with the expression. */
export const patternOperator: BinaryOperator = binary(3, () => false);

/** By how they are written. */
export const binaryOperators: ReadonlyMap<string, BinaryOperator> = new Map([
  ['||', or],
  ['or', or],
  ['&&', and],
  ['and', and],
  ['==', binary(3, (left, right) => left === right())],
  ['!=', binary(3, (left, right) => left !== right())],
  ['<', binary(3, (left, right) => asNumber(left) < asNumber(right()))],
  ['<=', binary(3, (left, right) => asNumber(left) <= asNumber(right()))],
  ['>', binary(3, (left, right) => asNumber(left) > asNumber(right()))],
  ['>=', binary(3, (left, right) => asNumber(left) >= asNumber(right()))],
  ['in', binary(3, (left, right) => asList(right()).some((item) => item === left))],
  ['contains', binary(3, (left, right) => contains(left, right()))],
  ['startsWith', binary(3, (left, right) => asText(left).startsWith(asText(right())))],
  ['endsWith', binary(3, (left, right) => asText(left).endsWith(asText(right())))],
  ['matches', patternOperator],
  ['+', binary(4, (left, right) => plus(left, right()))],
  ['-', binary(4, (left, right) => asNumber(left) - asNumber(right()))],
  ['*', binary(5, (left, right) => asNumber(left) * asNumber(right()))],
  ['/', binary(5, (left, right) => asNumber(left) / asNumber(right()))],
  ['%', binary(5, (left, right) => asNumber(left) % asNumber(right()))],
]);

function contains(left: Value, right: Value): boolean {
  return isList(left) ? left.includes(right) : asText(left).includes(asText(right));
}

function plus(left: Value, right: Value): Value {
  return typeof left === 'string' ? left + asText(right) : asNumber(left) + asNumber(right);
}
