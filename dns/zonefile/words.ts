import { WireError } from '../../controller/base/index.ts';

/** One entry of a master file: its words, and whether it began with a blank (the last owner). */
export interface Entry {
  readonly words: readonly string[];
  readonly startsBlank: boolean;
  /** From 1. */
  readonly line: number;
}

/**
 * Cuts a master file into entries (RFC 1035 §5.1): one a line, or as many lines as parentheses
 * enclose; `;` starts a comment. Quotes are taken off; escapes stay, for whoever reads the word.
 * @throws WireError `BadRecord`
 */
export function* entries(text: string): Generator<Entry> {
  let words: string[] = [];
  let depth = 0;
  let start = 1;
  let startsBlank = false;
  for (const [i, line] of text.split('\n').entries()) {
    if (depth === 0) {
      start = i + 1;
      startsBlank = /^[ \t]/.test(line);
    }
    for (const word of wordsOf(line, i + 1)) {
      if (word === '(') depth += 1;
      else if (word === ')') depth -= 1;
      else words.push(typeof word === 'string' ? word : word.quoted);
    }
    if (depth < 0) throw new WireError('BadRecord', `line ${i + 1}: ) without (`);
    if (depth > 0 || words.length === 0) continue;
    yield { words, startsBlank, line: start };
    words = [];
  }
  if (depth > 0) throw new WireError('BadRecord', `line ${start}: ( is never closed`);
}

function* wordsOf(line: string, number: number): Generator<string | { readonly quoted: string }> {
  const pattern = /\s+|;.*$|[()]|"((?:[^"\\]|\\.)*)"|(?:[^\s;()"\\]|\\.)+|(.)/gy;
  for (const [whole, quoted, stray] of line.matchAll(pattern)) {
    if (stray !== undefined) {
      throw new WireError('BadRecord', `line ${number}: a quote or backslash is not closed`);
    }
    if (quoted !== undefined) yield { quoted };
    else if (!/^[\s;]/.test(whole)) yield whole;
  }
}
