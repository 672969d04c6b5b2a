import { compilePattern } from '../pattern.ts';
import { CelError } from './cel-error.ts';
import type { BinaryOperator, Expression, FunctionName, Macro } from './expression.ts';
import { type Token, tokenise } from './tokens.ts';

/** Longest expression, and deepest nesting, that is read. */
const maxLength = 8192;
const maxDepth = 64;

/** Operators by how tightly they bind, the loosest first (CEL specification, "Syntax"). */
const levels: readonly (readonly BinaryOperator[])[] = [
  ['||'],
  ['&&'],
  ['==', '!=', '<', '<=', '>', '>=', 'in'],
  ['+', '-'],
  ['*', '%'],
];

/** Functions, with their number of arguments; the first may stand before a dot. */
const functions: ReadonlyMap<string, readonly [FunctionName, number]> = new Map<
  string,
  readonly [FunctionName, number]
>([
  ['contains', ['contains', 2]],
  ['endsWith', ['endsWith', 2]],
  ['join', ['join', 2]],
  ['lowerAscii', ['lowerAscii', 1]],
  ['size', ['size', 1]],
  ['split', ['split', 2]],
  ['startsWith', ['startsWith', 2]],
  ['string', ['string', 1]],
  ['trim', ['trim', 1]],
  ['upperAscii', ['upperAscii', 1]],
]);

const macros: ReadonlyMap<string, Macro> = new Map<string, Macro>([
  ['all', 'all'],
  ['exists', 'exists'],
  ['exists_one', 'exists_one'],
  ['filter', 'filter'],
  ['map', 'map'],
]);

/**
 * Reads an expression.
 * @throws CelError `Syntax`, or `Unsupported` for what is CEL but not evaluated here: better no
 * answer than one that the API server would not give
 */
export function parseExpression(text: string): Expression {
  if (text.length > maxLength) throw new CelError('Unsupported', 'an expression of this length');
  const parser = new Parser(tokenise(text));
  const expression = parser.expression();
  parser.end();
  return expression;
}

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  end(): void {
    if (this.#next().kind !== 'end') throw unexpected(this.#next());
  }

  expression(): Expression {
    this.#depth += 1;
    if (this.#depth > maxDepth) throw new CelError('Unsupported', 'an expression of this depth');
    const test = this.#binary(0);
    let read = test;
    if (this.#takes('?')) {
      const consequent = this.#binary(0);
      this.#expect(':');
      read = { kind: 'conditional', test, consequent, alternative: this.expression() };
    }
    this.#depth -= 1;
    return read;
  }

  #binary(level: number): Expression {
    const operators = levels[level];
    if (operators === undefined) return this.#unary();
    let left = this.#binary(level + 1);
    for (;;) {
      const operator = operators.find((one) => this.#takes(one));
      if (operator === undefined) break;
      left = { kind: 'binary', operator, left, right: this.#binary(level + 1) };
    }
    // Whether it truncates depends on types, which are not known here.
    if (this.#takes('/')) throw new CelError('Unsupported', 'division');
    return left;
  }

  #unary(): Expression {
    for (const operator of ['!', '-'] as const) {
      if (!this.#takes(operator)) continue;
      this.#depth += 1;
      if (this.#depth > maxDepth) throw new CelError('Unsupported', 'an expression of this depth');
      const operand = this.#unary();
      this.#depth -= 1;
      return { kind: 'unary', operator, operand };
    }
    return this.#member();
  }

  #member(): Expression {
    let of = this.#primary();
    for (;;) {
      if (this.#takes('.')) {
        const name = this.#name();
        if (this.#takes('(')) of = this.#method(of, name);
        else of = { kind: 'select', of, field: fieldName(name), test: false };
      } else if (this.#takes('[')) {
        const at = this.expression();
        this.#expect(']');
        of = { kind: 'index', of, at };
      } else return of;
    }
  }

  #method(of: Expression, name: string): Expression {
    const macro = macros.get(name);
    const args = this.#arguments(')');
    if (macro !== undefined) {
      const [variable, body, ...more] = args;
      if (variable?.kind !== 'name' || body === undefined || more.length > 0) {
        throw new CelError('Unsupported', `${name}() with other than two arguments`);
      }
      return { kind: 'comprehension', macro, of, variable: variable.name, body };
    }
    return call(name, [of, ...args]);
  }

  #primary(): Expression {
    const token = this.#take();
    if (token.kind === 'literal') return token;
    if (token.kind === 'name') return this.#named(token.text);
    if (token.kind === 'operator' && token.text === '(') {
      const inner = this.expression();
      this.#expect(')');
      return inner;
    }
    if (token.kind === 'operator' && token.text === '[') {
      return { kind: 'list', elements: this.#arguments(']') };
    }
    throw token.kind === 'operator' && token.text === '{'
      ? new CelError('Unsupported', 'maps written out')
      : unexpected(token);
  }

  #named(name: string): Expression {
    if (name === 'true' || name === 'false') return { kind: 'literal', value: name === 'true' };
    if (name === 'null') return { kind: 'literal', value: null };
    if (!this.#takes('(')) return { kind: 'name', name };
    const args = this.#arguments(')');
    if (name !== 'has') return call(name, args);
    const [selected] = args;
    if (args.length !== 1 || selected?.kind !== 'select') {
      throw new CelError('Syntax', 'has() takes one field, as in has(self.a)');
    }
    return { ...selected, test: true };
  }

  #arguments(close: ')' | ']'): readonly Expression[] {
    const args: Expression[] = [];
    while (!this.#takes(close)) {
      if (args.length > 0) this.#expect(',');
      // A comma may end a list.
      if (close === ']' && this.#takes(close)) break;
      args.push(this.expression());
    }
    return args;
  }

  #name(): string {
    const token = this.#take();
    if (token.kind !== 'name') throw unexpected(token);
    return token.text;
  }

  #next(): Token {
    return this.#tokens[this.#at] ?? { kind: 'end' };
  }

  #take(): Token {
    const token = this.#next();
    this.#at += 1;
    return token;
  }

  #takes(text: string): boolean {
    const token = this.#next();
    const fits = (token.kind === 'operator' || token.kind === 'name') && token.text === text;
    if (fits) this.#at += 1;
    return fits;
  }

  #expect(text: string): void {
    if (!this.#takes(text)) throw unexpected(this.#next());
  }
}

function call(name: string, args: readonly Expression[]): Expression {
  if (name === 'matches') return matches(args);
  const found = functions.get(name);
  if (found === undefined) throw new CelError('Unsupported', `the function ${name}()`);
  const [known, count] = found;
  if (args.length !== count)
    throw new CelError('Unsupported', `${name}() with ${args.length} arguments`);
  return { kind: 'call', name: known, arguments: args };
}

function matches(args: readonly Expression[]): Expression {
  const [of, text] = args;
  if (of === undefined || text?.kind !== 'literal' || typeof text.value !== 'string') {
    throw new CelError('Unsupported', 'matches() with a pattern that is not written out');
  }
  const pattern = compilePattern(text.value);
  if (pattern.kind === 'unusable') throw new CelError('Unsupported', `a pattern: ${pattern.why}`);
  return { kind: 'matches', of, pattern: pattern.expression };
}

/** Fields that are no names in CEL are written with these (KEP-2876). */
function fieldName(name: string): string {
  if (!name.includes('__')) return name;
  const word = /^__([a-z]+)__$/.exec(name)?.[1];
  const isEscape = ['dash', 'dot', 'slash', 'underscores'].includes(word ?? '');
  if (word !== undefined && !isEscape) return word;
  return name.replaceAll(
    /__(dash|dot|slash|underscores)__/g,
    (_, escape: string) => escapedAs[escape] ?? '',
  );
}

const escapedAs: Readonly<Record<string, string>> = {
  dash: '-',
  dot: '.',
  slash: '/',
  underscores: '__',
};

function unexpected(token: Token): CelError {
  const what =
    token.kind === 'end' ? 'the end' : token.kind === 'literal' ? 'a literal' : token.text;
  return new CelError('Syntax', `did not expect ${what}`);
}
