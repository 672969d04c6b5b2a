import { addressBytes } from '../../../compile/index.ts';
import { protocolWords } from '../family.ts';
import { littleEndian } from './message-writer.ts';

/** What one part of a key or value is, and so how its text becomes bytes. */
type Field = 'address' | 'protocol' | 'port' | 'slot';

/** How the elements of a set or map are laid out. */
export interface ElementLayout {
  readonly key: readonly Field[];
  /** `verdict`: what to do next. Undefined: a set, whose elements have no value. */
  readonly value: readonly Field[] | 'verdict' | undefined;
}

/**
 * Reads the definition that nft is given too (`typeof ip daddr . tcp dport : verdict;`), so that
 * both ways of writing elements cannot differ. Undefined: something is in it that only nft writes.
 */
export function layoutOf(definition: string): ElementLayout | undefined {
  const match = /^(?:type|typeof) ([^:;]+?)(?: : ([^;]+))?;$/.exec(definition);
  const [, keyText, valueText] = match ?? [];
  const key = fieldsOf(keyText ?? '');
  if (!key) return undefined;
  if (valueText === undefined || valueText === 'verdict') return { key, value: valueText };
  const value = fieldsOf(valueText);
  return value && { key, value };
}

function fieldsOf(expression: string): readonly Field[] | undefined {
  const fields: Field[] = [];
  for (const part of expression.split(' . ')) {
    const field = fieldOf(part);
    if (field === undefined) return undefined;
    fields.push(field);
  }
  return fields;
}

function fieldOf(part: string): Field | undefined {
  if (/^(?:ip6? [sd]addr|ipv[46]_addr)$/.test(part)) return 'address';
  if (part === 'meta l4proto') return 'protocol';
  if (/^(?:th|tcp|udp|sctp) dport$/.test(part)) return 'port';
  return part.startsWith('numgen ') ? 'slot' : undefined;
}

const knownProtocols = new Set(Object.values(protocolWords).map(({ number }) => number));

/**
 * The bytes of `a . b . c`: each part padded to a register of four bytes, which a lone part is
 * not (nft_data, linux/netfilter/nf_tables.h). Undefined: the text does not fit the fields.
 */
export function fieldBytes(fields: readonly Field[], text: string): Uint8Array | undefined {
  const texts = text.split(' . ');
  if (texts.length !== fields.length) return undefined;
  const parts: Uint8Array[] = [];
  for (const [place, field] of fields.entries()) {
    const bytes = bytesOf(field, texts[place] ?? '');
    if (!bytes) return undefined;
    parts.push(fields.length === 1 ? bytes : padded(bytes));
  }
  return Buffer.concat(parts);
}

function bytesOf(field: Field, text: string): Uint8Array | undefined {
  if (field === 'address') return addressBytes(text);
  const number = Number(text);
  switch (field) {
    case 'protocol':
      return knownProtocols.has(text) ? Uint8Array.of(number) : undefined;
    case 'port':
      return isUnsigned(number, 16) ? Uint8Array.of(number >>> 8, number & 0xff) : undefined;
    case 'slot': {
      if (!isUnsigned(number, 32)) return undefined;
      // numgen's result is a number of the machine, not of the network.
      const bytes = new Uint8Array(4);
      new DataView(bytes.buffer).setUint32(0, number, littleEndian);
      return bytes;
    }
  }
}

const isUnsigned = (number: number, bits: number): boolean =>
  Number.isInteger(number) && number >= 0 && number < 2 ** bits;

function padded(bytes: Uint8Array): Uint8Array {
  const whole = new Uint8Array((bytes.length + 3) & ~3);
  whole.set(bytes);
  return whole;
}
