/**
 * A fast reader for the plain YAML that most manifests are: block mappings and lists, plain and
 * simply quoted scalars, one-line flow lists. Everything else (anchors, tags, block scalars,
 * escapes, tabs, odd keys, whatever looks wrong) makes it give up, and the full parser decides. So
 * it may be incomplete but never different: a property test compares the two. It is here because
 * loading is mostly parsing, and this is ten times as fast.
 */

/** Thrown inside only, made once: it is a way out, and its stack would cost more than parsing. */
const notPlain = new Error('not plain');

interface Line {
  readonly indent: number;
  /** Without indentation, comment and trailing blanks; never empty. */
  readonly text: string;
}

/** The value of one document, or undefined when the full parser must have a look. */
export function parsePlainYaml(text: string): { readonly value: unknown } | undefined {
  try {
    const lines = splitLines(text);
    if (lines === undefined) return undefined;
    if (lines.length === 0) return { value: null };
    const reader = new BlockReader(lines);
    const value = reader.block(reader.indent);
    return reader.atEnd ? { value } : undefined;
  } catch (error) {
    if (error === notPlain) return undefined;
    throw error;
  }
}

/** Characters that never occur in what this reader takes, wherever they stand. */
// oxlint-disable-next-line no-control-regex -- control characters are just what must be found
const neverPlain = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\ufeff]/;

function splitLines(text: string): readonly Line[] | undefined {
  if (neverPlain.test(text)) return undefined;
  const lines: Line[] = [];
  for (let start = 0; start < text.length; ) {
    let end = text.indexOf('\n', start);
    if (end < 0) end = text.length;
    let first = start;
    while (first < end && text.charCodeAt(first) === space) first += 1;
    if (first < end && text[first] !== '#') {
      const content = withoutComment(text.slice(first, end));
      // The marker that opens the document; anything else there is for the full parser.
      const isMarker = first === start && content.startsWith('---');
      if (isMarker && (lines.length > 0 || content !== '---')) return undefined;
      if (first === start && content.startsWith('...')) return undefined;
      if (!isMarker) lines.push({ indent: first - start, text: content });
    }
    start = end + 1;
  }
  return lines;
}

const space = 32;

/** Cuts ` # …`. With a quote before the `#`, it might be text: then nobody knows here. */
function withoutComment(text: string): string {
  const hash = text.indexOf(' #');
  if (hash < 0) return text.trimEnd();
  const before = text.slice(0, hash);
  if (before.includes('"') || before.includes("'")) throw notPlain;
  return before.trimEnd();
}

class BlockReader {
  readonly #lines: readonly Line[];
  #next = 0;
  #depth = 0;

  constructor(lines: readonly Line[]) {
    this.#lines = lines;
  }

  get atEnd(): boolean {
    return this.#next >= this.#lines.length;
  }

  get indent(): number {
    return this.#lines[this.#next]?.indent ?? -1;
  }

  block(indent: number): unknown {
    const line = this.#lines[this.#next];
    if (line === undefined || line.indent !== indent) throw notPlain;
    // Deeper than any object is, and far from the end of the stack.
    this.#depth += 1;
    if (this.#depth > 64) throw notPlain;
    const value = isItem(line.text) ? this.#list(indent) : this.#mapping(indent);
    this.#depth -= 1;
    return value;
  }

  #list(indent: number): unknown[] {
    const list: unknown[] = [];
    for (let line = this.#lines[this.#next]; line !== undefined; line = this.#lines[this.#next]) {
      if (line.indent < indent) break;
      if (line.indent > indent) throw notPlain;
      // A list may stand at its key's own indentation; the next key ends it.
      if (!isItem(line.text)) break;
      const rest = line.text.slice(1).trimStart();
      if (rest === '') {
        this.#next += 1;
        list.push(this.indent > indent ? this.block(this.indent) : null);
      } else if (isItem(rest)) {
        throw notPlain;
      } else if (splitKey(rest) !== undefined) {
        // `- key: value` opens a mapping that is indented to where the key stands.
        const inner = indent + line.text.length - rest.length;
        list.push(this.#mapping(inner, rest));
      } else {
        this.#next += 1;
        list.push(scalar(rest));
        if (this.indent > indent) throw notPlain;
      }
    }
    return list;
  }

  #mapping(indent: number, opening?: string): Record<string, unknown> {
    const mapping: Record<string, unknown> = {};
    let text = opening ?? this.#lines[this.#next]?.text;
    while (text !== undefined) {
      const entry = splitKey(text);
      if (entry === undefined || Object.hasOwn(mapping, entry.key)) throw notPlain;
      this.#next += 1;
      mapping[entry.key] =
        entry.rest === '' ? this.#nested(indent) : this.#inline(entry.rest, indent);
      const line = this.#lines[this.#next];
      if (line === undefined || line.indent < indent) break;
      if (line.indent > indent) throw notPlain;
      // In a mapping opened by `- `, an item at the same column would be malformed.
      if (isItem(line.text)) throw notPlain;
      text = line.text;
    }
    return mapping;
  }

  #nested(indent: number): unknown {
    const line = this.#lines[this.#next];
    if (line === undefined) return null;
    if (line.indent > indent) return this.block(line.indent);
    return line.indent === indent && isItem(line.text) ? this.block(indent) : null;
  }

  #inline(text: string, indent: number): unknown {
    // A deeper line would continue the scalar.
    if (this.indent > indent) throw notPlain;
    return scalar(text);
  }
}

function isItem(text: string): boolean {
  return text.charCodeAt(0) === dash && (text.length === 1 || text.charCodeAt(1) === space);
}

const dash = 45;
const plainKey = /^([A-Za-z_][\w./-]*):(?: +|$)/;

function splitKey(text: string): { readonly key: string; readonly rest: string } | undefined {
  const match = plainKey.exec(text);
  if (match?.[1] === undefined) return undefined;
  // As a name of a property it would do something else.
  if (match[1] === '__proto__') throw notPlain;
  return { key: match[1], rest: text.slice(match[0].length) };
}

/** Starts of plain scalars that mean nothing else; then anything without `: ` and ` #`. */
const plainText = /^[A-Za-z0-9_./(]/;
const decimal = /^-?(?:0|[1-9]\d{0,14})$/;
/** Might be a number in some notation, or a word with a meaning: left to the full parser. */
const ambiguous =
  /^(?:[-+.]?\d[\d_.eExXoObBa-fA-F+-]*|\.inf|\.nan|null|yes|no|on|off|true|false)$/i;

function scalar(text: string): unknown {
  const first = text[0];
  if (first === '"' || first === "'") return quoted(text, first);
  if (first === '[') return flowList(text);
  if (text === '{}') return {};
  if (text === 'true') return true;
  if (text === 'false') return false;
  if (decimal.test(text)) return text === '-0' ? failPlain() : Number(text);
  if (!plainText.test(text) || text.includes(': ') || text.endsWith(':')) throw notPlain;
  if (ambiguous.test(text) && !isAddress(text)) throw notPlain;
  return text;
}

function failPlain(): never {
  throw notPlain;
}

/** Dotted IPv4 addresses look like numbers only to a hasty regular expression. */
function isAddress(text: string): boolean {
  return /^\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(text);
}

function quoted(text: string, quote: string): string {
  const inner = text.slice(1, -1);
  const isSimple = text.length > 1 && text.endsWith(quote) && !inner.includes(quote);
  if (!isSimple || (quote === '"' && inner.includes('\\'))) throw notPlain;
  return inner;
}

function flowList(text: string): unknown[] {
  if (!text.endsWith(']')) throw notPlain;
  const inner = text.slice(1, -1).trim();
  if (inner === '') return [];
  return inner.split(',').map((part) => {
    const item = part.trim();
    if (item === '' || /[[\]{}:]/.test(item)) throw notPlain;
    return scalar(item);
  });
}
