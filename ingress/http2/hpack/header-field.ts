/**
 * What a field name means to a proxy. Pseudo-fields have numbers below `regular`; those above
 * have rules of their own in RFC 9113 §8.2.
 */
export const fieldKind = {
  method: 0,
  scheme: 1,
  path: 2,
  authority: 3,
  status: 4,
  protocol: 5,
  regular: 6,
  host: 7,
  cookie: 8,
  contentLength: 9,
  te: 10,
  /** Breaks the grammar, or belongs to the connection and so has no place in HTTP/2. */
  malformed: 11,
} as const;

const kinds: ReadonlyMap<string, number> = new Map([
  [':method', fieldKind.method],
  [':scheme', fieldKind.scheme],
  [':path', fieldKind.path],
  [':authority', fieldKind.authority],
  [':status', fieldKind.status],
  [':protocol', fieldKind.protocol],
  ['host', fieldKind.host],
  ['cookie', fieldKind.cookie],
  ['content-length', fieldKind.contentLength],
  ['te', fieldKind.te],
  ['connection', fieldKind.malformed],
  ['proxy-connection', fieldKind.malformed],
  ['keep-alive', fieldKind.malformed],
  ['transfer-encoding', fieldKind.malformed],
  ['upgrade', fieldKind.malformed],
]);

/** RFC 9113 §8.2.1: a token in lower case. */
const soundName = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/;
/** No control bytes but HTAB, and neither HTAB nor SP at the ends. */
const soundValue = /^(?:[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?$/;

/** RFC 7541 §4.1: what an entry costs beyond its bytes. */
const entryOverheadBytes = 32;

/**
 * One field, checked once: fields that a table repeats are not looked at again. Names and values
 * are latin1, one character for each byte.
 */
export class HeaderField {
  readonly name: string;
  readonly value: string;
  /** One of `fieldKind`. */
  readonly kind: number;
  /** As HTTP/1.1 has it, with CRLF; '' for pseudo-fields and where the field is malformed. */
  readonly line: string;

  constructor(name: string, value: string) {
    this.name = name;
    this.value = value;
    this.kind = kindOf(name, value);
    const hasLine = this.kind >= fieldKind.regular && this.kind !== fieldKind.malformed;
    this.line = hasLine ? `${name}: ${value}\r\n` : '';
  }

  /** What it counts in a table, or a list (RFC 9113 §6.5.2). */
  get size(): number {
    return this.name.length + this.value.length + entryOverheadBytes;
  }
}

function kindOf(name: string, value: string): number {
  if (!soundValue.test(value)) return fieldKind.malformed;
  const known = kinds.get(name);
  if (known !== undefined) return known;
  return soundName.test(name) ? fieldKind.regular : fieldKind.malformed;
}
