import { ConfigError } from '../../../controller/base/index.ts';

/** One statement of a keepalived.conf: a keyword with its arguments and, for a block, its body. */
export interface Statement {
  readonly keyword: string;
  readonly args: readonly string[];
  readonly line: number;
  /** Undefined: no block. */
  readonly body: readonly Statement[] | undefined;
}

interface Token {
  readonly text: string;
  readonly line: number;
  readonly kind: 'word' | 'open' | 'close' | 'end';
}

/** keepalived nests five deep; a file of braces must not exhaust the stack. */
const maxDepth = 20;

/**
 * Reads keepalived's language: a statement a line, blocks in braces, `#` and `!` begin comments,
 * quotes keep blanks, a backslash at the end joins lines, `$NAME=value` defines what `$NAME` and
 * `${NAME}` stand for from then on.
 * @throws ConfigError `InvalidKeepalivedConf`
 */
export function readStatements(text: string, file: string): readonly Statement[] {
  const tokens = tokenize(text);
  let at = 0;
  const fail = (line: number, message: string): never => {
    throw new ConfigError('InvalidKeepalivedConf', `${file}:${line}: ${message}`);
  };
  const readBody = (depth: number, openedAt: number): readonly Statement[] => {
    if (depth > maxDepth) fail(openedAt, `blocks are nested more than ${maxDepth} deep`);
    const statements: Statement[] = [];
    for (;;) {
      const token = tokens[at];
      at += 1;
      if (token === undefined) {
        if (depth > 0) fail(openedAt, 'this block is not closed: write } at its end');
        return statements;
      }
      if (token.kind === 'end') continue;
      if (token.kind === 'close') {
        if (depth === 0) fail(token.line, 'there is no block to close: leave } out');
        return statements;
      }
      if (token.kind === 'open') fail(token.line, 'a block needs a keyword before {');
      statements.push(readStatement(token, depth));
    }
  };
  const readStatement = (first: Token, depth: number): Statement => {
    const args: string[] = [];
    while (tokens[at]?.kind === 'word') args.push(tokens[at++]?.text ?? '');
    // The brace may stand on a line of its own.
    let next = at;
    while (tokens[next]?.kind === 'end') next += 1;
    const opens = tokens[next]?.kind === 'open';
    if (opens) at = next + 1;
    const body = opens ? readBody(depth + 1, first.line) : undefined;
    return { keyword: first.text, args, line: first.line, body };
  };
  return readBody(0, 1);
}

function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = [];
  const definitions = new Map<string, string>();
  let joined = '';
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = index + 1;
    if (raw.endsWith('\\')) {
      joined += `${raw.slice(0, -1)} `;
      continue;
    }
    const content = expand(joined + raw, definitions);
    joined = '';
    const definition = /^\s*\$(?<name>\w+)\s*=\s*(?<value>.*?)\s*$/.exec(content)?.groups;
    if (definition) {
      definitions.set(definition['name'] ?? '', definition['value'] ?? '');
      continue;
    }
    for (const [word] of content.matchAll(/"[^"]*"|[{}]|[#!].*|[^\s{}"]+/g)) {
      if (word.startsWith('#') || word.startsWith('!')) break;
      const kind = word === '{' ? 'open' : word === '}' ? 'close' : 'word';
      tokens.push({ text: word.replaceAll('"', ''), line, kind });
    }
    tokens.push({ text: '', line, kind: 'end' });
  }
  return tokens;
}

function expand(line: string, definitions: ReadonlyMap<string, string>): string {
  return line.replaceAll(
    /\$\{(\w+)\}|\$(\w+)(?!\w*\s*=)/g,
    (whole, braced: string | undefined, bare: string | undefined) =>
      definitions.get(braced ?? bare ?? '') ?? whole,
  );
}

/** The first statement of a body with this keyword. */
export function find(body: readonly Statement[], keyword: string): Statement | undefined {
  return body.find((one) => one.keyword === keyword);
}

/** As a person would recognise it: `auth_pass` without what it says. */
export function directiveText({ keyword, args, body }: Statement): string {
  const isSecret = keyword === 'auth_pass' || keyword === 'password';
  const shown = isSecret && args.length > 0 ? ['…'] : args;
  return [keyword, ...shown, ...(body ? ['{'] : [])].join(' ').slice(0, 80);
}
