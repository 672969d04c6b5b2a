import { ConfigError, type Position } from '../../controller/base/index.ts';

/** A word of a Corefile. */
export interface Token {
  readonly text: string;
  /** Written in quotes: never a brace, a directive or an import. */
  readonly quoted: boolean;
  /** The first on its line. */
  readonly startsLine: boolean;
  readonly at: Position;
}

/** What the files' environment holds; undefined: unset, which reads as empty. */
export type Environment = (name: string) => string | undefined;

/** A Corefile error: what is wrong, and what to write instead. */
export function corefileError(message: string, at: Position): ConfigError {
  return new ConfigError('BadCorefile', message, at);
}

/**
 * Cuts a Corefile into words at white space. A word that starts with `"` runs to the next quote
 * that no backslash escapes, over lines if need be; `#` outside quotes starts a comment anywhere.
 * @throws ConfigError `BadCorefile`
 */
export function tokenize(text: string, file: string, environment: Environment): readonly Token[] {
  const lexer = new Lexer(text, file);
  const tokens: Token[] = [];
  for (let token = lexer.next(); token; token = lexer.next()) {
    tokens.push({ ...token, text: fillEnvironment(token.text, environment) });
  }
  refuseGluedBraces(tokens);
  return tokens;
}

/** Replaces `{$NAME}` and `{%NAME%}`. */
function fillEnvironment(text: string, environment: Environment): string {
  return text.replaceAll(
    /\{\$([^{}$]+)\}|\{%([^{}%]+)%\}/g,
    (_, shell?: string, percent?: string) => environment(shell ?? percent ?? '') ?? '',
  );
}

// CoreDNS drops such a brace without a word, and with it all the options of the directive.
function refuseGluedBraces(tokens: readonly Token[]): void {
  for (const [i, token] of tokens.entries()) {
    const endsLine = tokens[i + 1]?.startsLine ?? true;
    if (token.quoted || !endsLine || token.text.length < 2 || !token.text.endsWith('{')) continue;
    const word = token.text.slice(0, -1);
    throw corefileError(`a blank is missing before the brace: write "${word} {"`, token.at);
  }
}

class Lexer {
  readonly #text: string;
  readonly #file: string;
  #at = 0;
  #line = 1;
  #lineStart = 0;
  /** No word has been read on this line. */
  #fresh = true;

  constructor(text: string, file: string) {
    // A byte order mark is no letter of the first word.
    this.#text = text.startsWith('\ufeff') ? text.slice(1) : text;
    this.#file = file;
  }

  next(): Token | undefined {
    this.#skip();
    if (this.#at >= this.#text.length) return undefined;
    const at = { file: this.#file, line: this.#line, column: this.#at - this.#lineStart + 1 };
    const startsLine = this.#fresh;
    const quoted = this.#text[this.#at] === '"';
    const text = quoted ? this.#quoted(at) : this.#word();
    this.#fresh = false;
    return { text, quoted, startsLine, at };
  }

  /** Over white space and comments. */
  #skip(): void {
    for (; this.#at < this.#text.length; this.#advance()) {
      const char = this.#text.charAt(this.#at);
      if (char === '#') {
        while (this.#at + 1 < this.#text.length && this.#text[this.#at + 1] !== '\n') this.#at += 1;
      } else if (!/\s/.test(char)) {
        return;
      }
    }
  }

  #word(): string {
    let word = '';
    for (; this.#at < this.#text.length; this.#advance()) {
      const char = this.#text.charAt(this.#at);
      if (/\s/.test(char) || char === '#') break;
      word += char;
    }
    return word;
  }

  #quoted(at: Position): string {
    let text = '';
    this.#advance();
    for (; this.#at < this.#text.length; this.#advance()) {
      const char = this.#text.charAt(this.#at);
      if (char === '"') {
        this.#advance();
        return text;
      }
      // `\"` is the only escape: every other backslash belongs to a regular expression.
      if (char === '\\' && this.#text[this.#at + 1] === '"') {
        text += '"';
        this.#advance();
      } else if (char !== '\r') {
        text += char;
      }
    }
    throw corefileError('this quote is never closed: add a " at its end', at);
  }

  #advance(): void {
    if (this.#text[this.#at] === '\n') {
      this.#line += 1;
      this.#lineStart = this.#at + 1;
      this.#fresh = true;
    }
    this.#at += 1;
  }
}
