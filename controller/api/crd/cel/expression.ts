/** An expression of the Common Expression Language, as far as it is evaluated here. */
export type Expression =
  | { readonly kind: 'literal'; readonly value: string | number | boolean | null }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'list'; readonly elements: readonly Expression[] }
  /** `of.field`; with `test`, `has(of.field)`. */
  | {
      readonly kind: 'select';
      readonly of: Expression;
      readonly field: string;
      readonly test: boolean;
    }
  | { readonly kind: 'index'; readonly of: Expression; readonly at: Expression }
  | { readonly kind: 'unary'; readonly operator: '!' | '-'; readonly operand: Expression }
  | {
      readonly kind: 'binary';
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
    }
  | {
      readonly kind: 'conditional';
      readonly test: Expression;
      readonly consequent: Expression;
      readonly alternative: Expression;
    }
  /** A function, with what stands before the dot as its first argument. */
  | {
      readonly kind: 'call';
      readonly name: FunctionName;
      readonly arguments: readonly Expression[];
    }
  /** `of.matches(pattern)` with a pattern that is known beforehand. */
  | { readonly kind: 'matches'; readonly of: Expression; readonly pattern: RegExp }
  | {
      readonly kind: 'comprehension';
      readonly macro: Macro;
      readonly of: Expression;
      readonly variable: string;
      readonly body: Expression;
    };

export type BinaryOperator =
  | '||'
  | '&&'
  | '=='
  | '!='
  | '<'
  | '<='
  | '>'
  | '>='
  | 'in'
  | '+'
  | '-'
  | '*'
  | '%';

export type Macro = 'all' | 'exists' | 'exists_one' | 'filter' | 'map';

export type FunctionName =
  | 'contains'
  | 'endsWith'
  | 'join'
  | 'lowerAscii'
  | 'size'
  | 'split'
  | 'startsWith'
  | 'string'
  | 'trim'
  | 'upperAscii';
