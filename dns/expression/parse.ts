import type { Query } from '../plugins/plugin.ts';
import { functions } from './functions.ts';
import { type BinaryOperator, binaryOperators, patternOperator } from './operators.ts';
import { type ExpressionToken, tokenizeExpression } from './token.ts';
import { asBoolean, type Value } from './values.ts';

/** True or false of a query. @throws TypeError when the expression comes to something else */
export type Condition = (query: Query) => boolean;

type Expression = (query: Query) => Value;

/** Deeper nesting is a mistake, and would be a recursion without a bound. */
const maxDepth = 100;

/**
 * Reads an expression such as `incidr(client_ip(), '10.0.0.0/8') && type() in ['A', 'AAAA']`.
 * `readPattern` makes the regular expressions of `matches`.
 * @throws SyntaxError that says what is wrong; what `readPattern` throws
 */
export function parseCondition(text: string, readPattern: (source: string) => RegExp): Condition {
  const expression = new Parser(tokenizeExpression(text), readPattern).whole();
  return (query) => asBoolean(expression(query));
}

class Parser {
  readonly #tokens: readonly ExpressionToken[];
  readonly #readPattern: (source: string) => RegExp;
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly ExpressionToken[], readPattern: (source: string) => RegExp) {
    this.#tokens = tokens;
    this.#readPattern = readPattern;
  }

  whole(): Expression {
    const expression = this.#binary(0);
    const rest = this.#tokens[this.#at];
    if (rest) throw new SyntaxError(`${shown(rest)} is not expected here`);
    return expression;
  }

  /** Operators that bind at least as tightly as `least`. */
  #binary(least: number): Expression {
    this.#depth += 1;
    if (this.#depth > maxDepth) throw new SyntaxError('nested too deeply');
    let left = this.#unary();
    for (let found = this.#operator(); found; found = this.#operator()) {
      const { operator, negated, words } = found;
      if (operator.precedence < least) break;
      this.#at += words;
      left = this.#combined(operator, negated, left);
    }
    this.#depth -= 1;
    return left;
  }

  #combined(operator: BinaryOperator, negated: boolean, left: Expression): Expression {
    if (operator === patternOperator) {
      const token = this.#next();
      if (token.kind !== 'string') throw new SyntaxError('matches needs a pattern in quotes');
      const pattern = this.#readPattern(token.text);
      return (query) => pattern.test(String(left(query))) !== negated;
    }
    const right = this.#binary(operator.precedence + 1);
    return (query) => {
      const value = operator.apply(left(query), () => right(query));
      return negated ? !asBoolean(value) : value;
    };
  }

  /** The operator that comes next, `not in` and its like as one. */
  #operator(): { operator: BinaryOperator; negated: boolean; words: number } | undefined {
    const negated = this.#isWord('not');
    const token = this.#tokens[this.#at + (negated ? 1 : 0)];
    const operator = token?.kind === 'word' ? binaryOperators.get(token.text) : undefined;
    return operator && { operator, negated, words: negated ? 2 : 1 };
  }

  #unary(): Expression {
    if (this.#isWord('!') || this.#isWord('not')) {
      this.#at += 1;
      const operand = this.#unary();
      return (query) => !asBoolean(operand(query));
    }
    return this.#primary();
  }

  #primary(): Expression {
    const token = this.#next();
    if (token.kind === 'string') return () => token.text;
    if (token.kind === 'number') return () => token.value;
    switch (token.text) {
      case 'true':
        return () => true;
      case 'false':
        return () => false;
      case '(': {
        const inner = this.#binary(0);
        this.#expect(')');
        return inner;
      }
      case '[': {
        const items = this.#list(']');
        return (query) => items.map((item) => item(query));
      }
      default:
        return this.#call(token.text);
    }
  }

  #call(name: string): Expression {
    const known = functions.get(name);
    if (!known) {
      const names = [...functions.keys()].join(', ');
      throw new SyntaxError(`there is no function "${name}" (there are: ${names})`);
    }
    this.#expect('(');
    const args = this.#list(')');
    if (args.length !== known.arity) {
      throw new SyntaxError(`${name} takes ${known.arity} arguments, not ${args.length}`);
    }
    return (query) =>
      known.call(
        query,
        args.map((arg) => arg(query)),
      );
  }

  #list(end: string): readonly Expression[] {
    const items: Expression[] = [];
    while (!this.#isWord(end)) {
      if (items.length > 0) this.#expect(',');
      items.push(this.#binary(0));
    }
    this.#at += 1;
    return items;
  }

  #isWord(text: string): boolean {
    const token = this.#tokens[this.#at];
    return token?.kind === 'word' && token.text === text;
  }

  #expect(text: string): void {
    const token = this.#next();
    if (token.kind !== 'word' || token.text !== text) {
      throw new SyntaxError(`${text} is missing before ${shown(token)}`);
    }
  }

  #next(): ExpressionToken {
    const token = this.#tokens[this.#at];
    if (!token) throw new SyntaxError('the expression ends early');
    this.#at += 1;
    return token;
  }
}

function shown(token: ExpressionToken): string {
  return token.kind === 'number' ? String(token.value) : `"${token.text}"`;
}
