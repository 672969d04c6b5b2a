/** Writes protocol buffers (the wire format of proto3) from plain values, by a table of fields. */

/** How a value of a field is written. */
export type FieldForm =
  | 'string'
  | 'bool'
  | 'int64'
  | 'double'
  /** gnostic's `Any`: the value as YAML, of which JSON is a part. */
  | 'any'
  /** A message. Lazy, since messages contain themselves. */
  | (() => Message)
  /** `repeated` pairs of a name and a value, from an object. */
  | { readonly named: () => Message | 'string' | 'any' };

/** A message: number and form of the field for each key. Lists are written as `repeated`. */
export interface Message {
  readonly fields: Readonly<Record<string, readonly [number: number, form: FieldForm]>>;
  /** Number of the field for keys that begin with `x-`. */
  readonly extensions?: number;
  /** Puts a value into the form that the table speaks of, as for `oneof`. */
  readonly shape?: (value: unknown) => unknown;
}

const varint = 0;
const fixed64 = 1;
const lengthDelimited = 2;

/** A value as a message; keys that the table lacks are left out. */
export function encodeMessage(message: Message, value: unknown): Buffer {
  const shaped = message.shape === undefined ? value : message.shape(value);
  if (typeof shaped !== 'object' || shaped === null) return Buffer.alloc(0);
  const parts: Buffer[] = [];
  for (const [key, inner] of Object.entries(shaped)) {
    const field = Object.hasOwn(message.fields, key) ? message.fields[key] : undefined;
    if (field !== undefined) parts.push(...encodeField(field[0], field[1], inner));
    else if (message.extensions !== undefined && key.startsWith('x-')) {
      parts.push(encodeNamed(message.extensions, key, 'any', inner));
    }
  }
  return Buffer.concat(parts);
}

function encodeField(number: number, form: FieldForm, value: unknown): readonly Buffer[] {
  if (typeof form === 'object') {
    const to = form.named();
    const entries = typeof value === 'object' && value !== null ? Object.entries(value) : [];
    return entries.map(([name, inner]) => encodeNamed(number, name, to, inner));
  }
  // One `Any` may hold a list; every other list repeats the field.
  const values: readonly unknown[] = Array.isArray(value) && form !== 'any' ? value : [value];
  return values.map((one) => encodeOne(number, form, one));
}

function encodeOne(
  number: number,
  form: Exclude<FieldForm, { readonly named: unknown }>,
  value: unknown,
): Buffer {
  switch (form) {
    case 'bool':
      return Buffer.concat([key(number, varint), encodeVarint(value === true ? 1 : 0)]);
    case 'int64':
      return Buffer.concat([key(number, varint), encodeVarint(Number(value))]);
    case 'double': {
      const bytes = Buffer.alloc(8);
      bytes.writeDoubleLE(Number(value));
      return Buffer.concat([key(number, fixed64), bytes]);
    }
    case 'string':
      return delimited(number, Buffer.from(String(value)));
    case 'any':
      return delimited(number, encodeAny(value));
    default:
      return delimited(number, encodeMessage(form(), value));
  }
}

function encodeNamed(
  number: number,
  name: string,
  form: Message | 'string' | 'any',
  value: unknown,
): Buffer {
  const inner =
    typeof form === 'string' ? encodeOne(2, form, value) : delimited(2, encodeMessage(form, value));
  return delimited(number, Buffer.concat([delimited(1, Buffer.from(name)), inner]));
}

/** `Any.yaml` is field 2. */
function encodeAny(value: unknown): Buffer {
  return delimited(2, Buffer.from(JSON.stringify(value)));
}

function delimited(number: number, bytes: Buffer): Buffer {
  return Buffer.concat([key(number, lengthDelimited), encodeVarint(bytes.length), bytes]);
}

function key(number: number, wireType: number): Buffer {
  return encodeVarint(number * 8 + wireType);
}

/** Base 128, least significant first; for whole numbers from 0. */
function encodeVarint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = Math.max(0, Math.floor(value));
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) + 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
  return Buffer.from(bytes);
}
