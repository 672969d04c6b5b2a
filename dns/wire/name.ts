import { WireError } from '../../controller/base/index.ts';

/**
 * A domain name as its labels, from the leaf to the root, which itself is `[]`. A label is 1–63
 * octets, one character (U+0000–U+00FF) each, case kept. Escapes exist only in text forms.
 */
export type Name = readonly string[];

/** RFC 1035 §2.3.4. */
export const maxLabelOctets = 63;
/** RFC 1035 §2.3.4: length octets and the root's zero included. */
export const maxNameOctets = 255;

/** Lower case as DNS compares: ASCII letters only (RFC 4343), octets above 127 as they are. */
export function lowerLabel(label: string): string {
  return /[A-Z]/.test(label)
    ? label.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase())
    : label;
}

/** The name in the form in which names are compared. */
export function lowerName(name: Name): Name {
  return name.map(lowerLabel);
}

/** One string for equal names, for maps. Its separator can't occur in a label. */
export function nameKey(name: Name): string {
  return name.map(lowerLabel).join('\u0100');
}

/** Equal but for the case of ASCII letters. */
export function sameName(a: Name, b: Name): boolean {
  return a.length === b.length && isWithin(a, b);
}

/** True when `name` is `zone` or lies below it. */
export function isWithin(name: Name, zone: Name): boolean {
  const skip = name.length - zone.length;
  if (skip < 0) return false;
  for (let i = zone.length - 1; i >= 0; i -= 1) {
    const left = name[skip + i] ?? '';
    const right = zone[i] ?? '';
    if (left !== right && lowerLabel(left) !== lowerLabel(right)) return false;
  }
  return true;
}

/** Octets on the wire, uncompressed. */
export function nameOctets(name: Name): number {
  let octets = 1;
  for (const label of name) octets += 1 + label.length;
  return octets;
}

/**
 * Reads the text form of RFC 1035 §5.1: `\.` and `\DDD` escapes, trailing dot optional, `.` the
 * root. @throws WireError `BadName`
 */
export function parseName(text: string): Name {
  if (text === '.' || text === '') return [];
  const labels: string[] = [];
  let label = '';
  for (let i = 0; i < text.length; i += 1) {
    const char = text.charAt(i);
    if (char === '.') {
      labels.push(checkedLabel(label, text));
      label = '';
    } else if (char === '\\') {
      const escape = readEscape(text, i + 1);
      label += escape.octet;
      i += escape.length;
    } else {
      label += char;
    }
  }
  if (!text.endsWith('.') || label !== '') labels.push(checkedLabel(label, text));
  if (nameOctets(labels) > maxNameOctets) {
    throw new WireError('BadName', `name of ${nameOctets(labels)} octets, at most 255 are allowed`);
  }
  return labels;
}

function readEscape(text: string, at: number): { octet: string; length: number } {
  const digits = /^\d{3}/.exec(text.slice(at, at + 3))?.[0];
  if (digits === undefined) {
    if (at >= text.length) throw new WireError('BadName', 'name ends with a lone backslash');
    return { octet: text.charAt(at), length: 1 };
  }
  if (Number(digits) > 255) throw new WireError('BadName', `escape \\${digits} is no octet`);
  return { octet: String.fromCharCode(Number(digits)), length: 3 };
}

function checkedLabel(label: string, name: string): string {
  if (label.length === 0) throw new WireError('BadName', `empty label in "${name}"`);
  if (label.length > maxLabelOctets) {
    throw new WireError('BadName', `label of ${label.length} octets, at most 63 are allowed`);
  }
  // Text above U+00FF has no octet; DNS carries it as Punycode, which is not ours to invent.
  for (let i = 0; i < label.length; i += 1) {
    if (label.charCodeAt(i) > 0xff) throw new WireError('BadName', `"${label}" is not ASCII`);
  }
  return label;
}

/** The text form with a trailing dot, special characters escaped: safe to log. */
export function formatName(name: Name): string {
  return `${name.map(formatLabel).join('.')}.`;
}

function formatLabel(label: string): string {
  return label.replaceAll(/[^!-~]|[."\\;()@$]/g, (char) =>
    char >= '!' && char <= '~' ? `\\${char}` : `\\${String(char.charCodeAt(0)).padStart(3, '0')}`,
  );
}
