import { CelError } from './cel-error.ts';

/** A piece of an expression. */
export type Token =
  | { readonly kind: 'name' | 'operator'; readonly text: string }
  | { readonly kind: 'literal'; readonly value: string | number }
  | { readonly kind: 'end' };

const pieces =
  /\s+|\/\/[^\n]*|(?<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?<string>[rR]?(?:"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'))|(?<name>[A-Za-z_]\w*)|(?<operator>&&|\|\||[<>=!]=|[-+*/%<>!?:.,()[\]{}])/y;

const escapes: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  '\\': '\\',
  "'": "'",
  '"': '"',
  '`': '`',
  '?': '?',
};

/**
 * Splits an expression (CEL specification, "Syntax").
 * @throws CelError `Syntax`; `Unsupported` for bytes, unsigned numbers and longer quotes
 */
export function tokenise(text: string): readonly Token[] {
  const tokens: Token[] = [];
  pieces.lastIndex = 0;
  while (pieces.lastIndex < text.length) {
    const at = pieces.lastIndex;
    const found = pieces.exec(text);
    if (found === null) throw new CelError('Syntax', `cannot read on at character ${at + 1}`);
    const { number, string, name, operator } = found.groups ?? {};
    const next = text.charAt(pieces.lastIndex);
    if (number !== undefined) {
      if (/\w/.test(next)) throw new CelError('Unsupported', 'unsigned and hexadecimal numbers');
      tokens.push({ kind: 'literal', value: Number(number) });
    } else if (string !== undefined) {
      if (/^[rR]?(?:""|'')$/.test(string) && string.endsWith(next) && next !== '') {
        throw new CelError('Unsupported', 'quotes of three');
      }
      tokens.push({ kind: 'literal', value: unquote(string) });
    } else if (name !== undefined) {
      if (next === '"' || next === "'") throw new CelError('Unsupported', 'bytes');
      tokens.push({ kind: 'name', text: name });
    } else if (operator !== undefined) tokens.push({ kind: 'operator', text: operator });
  }
  return [...tokens, { kind: 'end' }];
}

function unquote(quoted: string): string {
  if (/^[rR]/.test(quoted)) return quoted.slice(2, -1);
  return quoted.slice(1, -1).replaceAll(/\\(u[0-9a-fA-F]{4}|.)/g, (_, escape: string) => {
    if (escape.length === 5) return String.fromCharCode(Number.parseInt(escape.slice(1), 16));
    const meant = Object.hasOwn(escapes, escape) ? escapes[escape] : undefined;
    if (meant === undefined) throw new CelError('Unsupported', `the escape \\${escape}`);
    return meant;
  });
}
