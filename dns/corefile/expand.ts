import { dirname, isAbsolute, join } from 'node:path';
import { describeError, type Position } from '../../controller/base/index.ts';
import { corefileError, type Environment, type Token, tokenize } from './token.ts';

/** Where Corefiles and what they import come from; tests put maps in. */
export interface CorefileSource {
  /** @throws whatever says why it can't be read */
  read(path: string): string;
  /** The files that a pattern with one `*` matches, sorted. */
  glob(pattern: string): readonly string[];
  readonly environment: Environment;
}

/** More than any sane configuration. */
const maxImports = 10_000;
/** Stops files that import each other. */
const maxNesting = 50;

/** Every token of a Corefile, with `import` lines replaced by what they name. */
export interface Expanded {
  readonly tokens: readonly Token[];
  /** Every file read, the first one first. */
  readonly files: readonly string[];
  /** Patterns that match nothing. */
  readonly warnings: readonly { readonly message: string; readonly at: Position }[];
}

/** @throws ConfigError `BadCorefile` */
export function expandCorefile(text: string, file: string, source: CorefileSource): Expanded {
  return new Expansion(source).run(text, file);
}

class Expansion {
  readonly #source: CorefileSource;
  readonly #snippets: Map<string, readonly Token[]> = new Map();
  readonly #files: string[] = [];
  readonly #warnings: { message: string; at: Position }[] = [];
  #imports = 0;
  #nesting = 0;

  constructor(source: CorefileSource) {
    this.#source = source;
  }

  run(text: string, file: string): Expanded {
    this.#files.push(file);
    const out: Token[] = [];
    this.#expand(tokenize(text, file, this.#source.environment), out);
    return { tokens: out, files: this.#files, warnings: this.#warnings };
  }

  #expand(tokens: readonly Token[], out: Token[]): void {
    let depth = 0;
    for (let i = 0; i < tokens.length; i += 1) {
      const token = tokens[i];
      if (!token) break;
      if (isWord(token, '{')) depth += 1;
      if (isWord(token, '}')) depth -= 1;
      const snippet = token.quoted ? undefined : /^\((.*)\)$/.exec(token.text)?.[1];
      if (snippet !== undefined && depth === 0 && token.startsLine) {
        i = this.#defineSnippet(snippet, token, tokens, i);
      } else if (token.startsLine && isWord(token, 'import')) {
        const args = restOfLine(tokens, i);
        this.#import(token, args, out);
        i += args.length;
      } else {
        out.push(token);
      }
    }
  }

  /** Where the snippet that starts at `start` ends. */
  #defineSnippet(name: string, head: Token, tokens: readonly Token[], start: number): number {
    if (name === '') throw corefileError('a snippet needs a name: write (name) {', head.at);
    if (this.#snippets.has(name)) {
      throw corefileError(`snippet "${name}" is defined twice: rename one`, head.at);
    }
    const open = tokens[start + 1];
    if (!open || !isWord(open, '{')) {
      throw corefileError(`snippet "${name}" has no body: write (${name}) {`, head.at);
    }
    let depth = 1;
    for (let i = start + 2; i < tokens.length; i += 1) {
      const token = tokens[i];
      if (!token) break;
      if (isWord(token, '{')) depth += 1;
      if (isWord(token, '}')) depth -= 1;
      if (depth > 0) continue;
      this.#snippets.set(name, tokens.slice(start + 2, i));
      return i;
    }
    throw corefileError(`snippet "${name}" is never closed: add a }`, open.at);
  }

  #import(head: Token, [what, ...more]: readonly Token[], out: Token[]): void {
    if (!what || more.length > 0) {
      throw corefileError('import takes one argument: a file, a pattern or a snippet', head.at);
    }
    this.#imports += 1;
    if (this.#imports > maxImports) {
      throw corefileError(
        `more than ${maxImports} imports: does "${what.text}" import itself?`,
        head.at,
      );
    }
    if (this.#nesting >= maxNesting) {
      throw corefileError(`"${what.text}" is imported by what it imports`, head.at);
    }
    this.#nesting += 1;
    this.#paste(head, what, out);
    this.#nesting -= 1;
  }

  #paste(head: Token, what: Token, out: Token[]): void {
    const snippet = this.#snippets.get(what.text);
    if (snippet) {
      if (importsItself(snippet, what.text)) {
        throw corefileError(`snippet "${what.text}" imports itself`, head.at);
      }
      this.#expand(snippet, out);
      return;
    }
    for (const path of this.#paths(what)) {
      this.#files.push(path);
      this.#expand(tokenize(this.#read(path, what), path, this.#source.environment), out);
    }
  }

  #paths(what: Token): readonly string[] {
    const path = isAbsolute(what.text) ? what.text : join(dirname(what.at.file), what.text);
    const stars = what.text.split('*').length - 1;
    if (stars === 0) return [path];
    if (stars > 1) throw corefileError(`"${what.text}" has ${stars} *, one is allowed`, what.at);
    const found = this.#source.glob(path);
    if (found.length === 0) {
      this.#warnings.push({ message: `no file matches "${what.text}"`, at: what.at });
    }
    return found;
  }

  #read(path: string, what: Token): string {
    try {
      return this.#source.read(path);
    } catch (error) {
      throw corefileError(
        `"${what.text}" is neither a snippet defined above nor a readable file: ${describeError(error)}`,
        what.at,
      );
    }
  }
}

/** True for this very word, outside quotes. */
export function isWord(token: Token, word: string): boolean {
  return !token.quoted && token.text === word;
}

/** The tokens after the one at `start`, on the same line. */
function restOfLine(tokens: readonly Token[], start: number): readonly Token[] {
  let end = start + 1;
  while (end < tokens.length && !tokens[end]?.startsLine) end += 1;
  return tokens.slice(start + 1, end);
}

function importsItself(body: readonly Token[], name: string): boolean {
  return body.some((token, i) => isWord(token, 'import') && body[i + 1]?.text === name);
}
