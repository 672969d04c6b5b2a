/** One word of an expression. */
export type ExpressionToken =
  | { readonly kind: 'string'; readonly text: string }
  | { readonly kind: 'number'; readonly value: number }
  /** Names, operators and brackets. */
  | { readonly kind: 'word'; readonly text: string };

const pattern =
  /\s+|'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|`([^`]*)`|(\d+(?:\.\d+)?)|([A-Za-z_]\w*|==|!=|<=|>=|&&|\|\||[<>!+\-*/%(),[\]])|(.)/gy;

/** @throws SyntaxError for characters that no expression has */
export function tokenizeExpression(text: string): readonly ExpressionToken[] {
  const tokens: ExpressionToken[] = [];
  for (const [whole, single, double, raw, number, word, stray] of text.matchAll(pattern)) {
    if (stray !== undefined) throw new SyntaxError(`"${stray}" is no part of an expression`);
    const quoted = single ?? double;
    if (quoted !== undefined) tokens.push({ kind: 'string', text: unescape(quoted) });
    else if (raw !== undefined) tokens.push({ kind: 'string', text: raw });
    else if (number !== undefined) tokens.push({ kind: 'number', value: Number(number) });
    else if (word !== undefined) tokens.push({ kind: 'word', text: word });
    else if (whole.trim() !== '') throw new SyntaxError(`"${whole}" is no part of an expression`);
  }
  return tokens;
}

function unescape(text: string): string {
  const known: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };
  return text.replaceAll(/\\(.)/g, (_, char: string) => known[char] ?? char);
}
