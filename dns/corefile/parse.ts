import type { Directive } from './directive.ts';
import { type CorefileSource, expandCorefile, type Expanded, isWord } from './expand.ts';
import { parseServerKey, type ServerKey } from './server-key.ts';
import { corefileError, type Token } from './token.ts';

/** The lines that serve some zones at some addresses. */
export interface ServerBlock {
  readonly keys: readonly ServerKey[];
  readonly directives: readonly Directive[];
}

/** A Corefile as it is written: what its directives mean is up to their plugins. */
export interface Corefile {
  readonly blocks: readonly ServerBlock[];
  readonly files: Expanded['files'];
  readonly warnings: Expanded['warnings'];
}

/** Reads a Corefile and all that it imports. @throws ConfigError `BadCorefile` */
export function parseCorefile(text: string, file: string, source: CorefileSource): Corefile {
  const { tokens, files, warnings } = expandCorefile(text, file, source);
  return { blocks: new Parser(tokens).blocks(), files, warnings };
}

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  blocks(): readonly ServerBlock[] {
    const blocks: ServerBlock[] = [];
    while (this.#peek()) {
      const { keys, open } = this.#keys();
      // Without braces the rest of the file is the one block that it holds.
      const directives = open
        ? this.#until(open)
        : this.#directives(() => this.#at >= this.#tokens.length);
      blocks.push({ keys: keys.flatMap(parseServerKey), directives });
    }
    return blocks;
  }

  #peek(): Token | undefined {
    return this.#tokens[this.#at];
  }

  #keys(): { keys: readonly Token[]; open: Token | undefined } {
    const keys: Token[] = [];
    let continued = true;
    for (let token = this.#peek(); token; token = this.#peek()) {
      if (isWord(token, '{')) {
        if (keys.length === 0) throw corefileError('the zone is missing: write . {', token.at);
        this.#at += 1;
        this.#expectLineEnd(token);
        return { keys, open: token };
      }
      if (token.startsLine && !continued && keys.length > 0) break;
      if (isWord(token, '}')) throw corefileError('this brace closes nothing: remove it', token.at);
      for (const text of token.text.split(',')) if (text !== '') keys.push({ ...token, text });
      continued = token.text.endsWith(',');
      this.#at += 1;
    }
    return { keys, open: undefined };
  }

  #until(open: Token): readonly Directive[] {
    const found = this.#directives(() => {
      const token = this.#peek();
      return token === undefined || isWord(token, '}');
    });
    const close = this.#peek();
    if (!close) throw corefileError('this brace is never closed: add a }', open.at);
    this.#at += 1;
    this.#expectLineEnd(close);
    return found;
  }

  #directives(ends: () => boolean): readonly Directive[] {
    const found: Directive[] = [];
    while (!ends()) {
      const name = this.#peek();
      if (!name) break;
      if (isWord(name, '{') || isWord(name, '}')) {
        throw corefileError('a directive must stand before this brace', name.at);
      }
      found.push(this.#directive(name));
    }
    return found;
  }

  #directive(name: Token): Directive {
    this.#at += 1;
    const args: Token[] = [];
    for (let token = this.#peek(); token && !token.startsLine; token = this.#peek()) {
      if (isWord(token, '}')) break;
      this.#at += 1;
      if (isWord(token, '{')) {
        this.#expectLineEnd(token);
        return { name, args, block: this.#until(token) };
      }
      args.push(token);
    }
    return { name, args, block: undefined };
  }

  #expectLineEnd(after: Token): void {
    const next = this.#peek();
    if (next && !next.startsLine) {
      throw corefileError(`a new line must follow "${after.text}"`, next.at);
    }
  }
}
