import { WireError } from '../../controller/base/index.ts';
import { type Name, parseAddress, parseName, type RecordData, recordType } from '../wire/index.ts';

/** Makes a name absolute, as `$ORIGIN` has it; `@` is the origin itself. @throws WireError */
export function absoluteName(text: string, origin: Name): Name {
  if (text === '@') return origin;
  const name = parseName(text);
  return text.endsWith('.') && !text.endsWith('\\.') ? name : [...name, ...origin];
}

/** The number of a type by its name, `TYPE65280` included; undefined: there is none. */
export function typeNumber(text: string): number | undefined {
  const upper = text.toUpperCase();
  const known = Object.entries(recordType).find(([name]) => name === upper)?.[1];
  if (known !== undefined) return known;
  const number = /^TYPE(\d{1,5})$/.exec(upper)?.[1];
  return number !== undefined && Number(number) < 65536 ? Number(number) : undefined;
}

/** Reads the data of a record from its words (RFC 1035 §5). @throws WireError `BadRecord` */
export function parseRecordData(type: number, words: readonly string[], origin: Name): RecordData {
  if (words[0] === '\\#') return unknownData(words);
  const take = new Words(words, origin);
  const data = knownData(type, take);
  take.end();
  return data;
}

function knownData(type: number, take: Words): RecordData {
  switch (type) {
    case recordType.A:
      return { kind: 'Address', octets: take.address(4) };
    case recordType.AAAA:
      return { kind: 'Address', octets: take.address(16) };
    case recordType.CNAME:
    case recordType.NS:
    case recordType.PTR:
    case recordType.DNAME:
      return { kind: 'Target', target: take.name() };
    case recordType.MX:
      return { kind: 'MX', preference: take.number(65535), exchange: take.name() };
    case recordType.SRV:
      return {
        kind: 'SRV',
        priority: take.number(65535),
        weight: take.number(65535),
        port: take.number(65535),
        target: take.name(),
      };
    case recordType.SOA:
      return {
        kind: 'SOA',
        mname: take.name(),
        rname: take.name(),
        serial: take.number(0xffffffff),
        refreshSec: take.ttl(),
        retrySec: take.ttl(),
        expireSec: take.ttl(),
        minimumSec: take.ttl(),
      };
    case recordType.TXT:
    case recordType.HINFO:
    case recordType.SPF:
      return { kind: 'Strings', strings: take.strings() };
    case recordType.CAA:
      return { kind: 'Opaque', octets: take.caa() };
    case recordType.DS:
    case recordType.TLSA:
      return {
        kind: 'Opaque',
        octets: take.digest(type === recordType.DS ? [2, 1, 1] : [1, 1, 1]),
      };
    default:
      throw bad(`type ${type} is known only as \\# LENGTH HEX (RFC 3597)`);
  }
}

/** `\# LENGTH HEX…` (RFC 3597 §5). */
function unknownData([, length = '', ...hex]: readonly string[]): RecordData {
  const text = hex.join('');
  const octets = Buffer.from(text, 'hex');
  if (
    !/^\d+$/.test(length) ||
    octets.length !== Number(length) ||
    text.length !== 2 * octets.length
  ) {
    throw bad(`"\\# ${length}" does not match its ${text.length} hex digits`);
  }
  return { kind: 'Opaque', octets };
}

/** Seconds, or BIND's `1h30m`; undefined: neither. */
export function parseTtl(text: string): number | undefined {
  if (/^\d{1,10}$/.test(text)) return Number(text) <= 0x7fffffff ? Number(text) : undefined;
  if (!/^(?:\d+[wdhms])+$/i.test(text)) return undefined;
  const units: Readonly<Record<string, number>> = { w: 604_800, d: 86_400, h: 3600, m: 60, s: 1 };
  let total = 0;
  for (const [, amount, unit = ''] of text.matchAll(/(\d+)([wdhms])/gi)) {
    total += Number(amount) * (units[unit.toLowerCase()] ?? 0);
  }
  return total <= 0x7fffffff ? total : undefined;
}

function bad(why: string): WireError {
  return new WireError('BadRecord', why);
}

class Words {
  readonly #words: readonly string[];
  readonly #origin: Name;
  #at = 0;

  constructor(words: readonly string[], origin: Name) {
    this.#words = words;
    this.#origin = origin;
  }

  end(): void {
    const extra = this.#words[this.#at];
    if (extra !== undefined) throw bad(`"${extra}" is one field too many`);
  }

  name(): Name {
    return absoluteName(this.#next('a name'), this.#origin);
  }

  number(max: number): number {
    const word = this.#next('a number');
    if (!/^\d{1,10}$/.test(word) || Number(word) > max)
      throw bad(`"${word}" is no number up to ${max}`);
    return Number(word);
  }

  ttl(): number {
    const word = this.#next('a time');
    const seconds = parseTtl(word);
    if (seconds === undefined) throw bad(`"${word}" is no number of seconds`);
    return seconds;
  }

  address(length: 4 | 16): Buffer {
    const word = this.#next('an address');
    const octets = parseAddress(word);
    if (octets?.length !== length) throw bad(`"${word}" is no IPv${length === 4 ? 4 : 6} address`);
    return octets;
  }

  strings(): readonly string[] {
    const found: string[] = [];
    while (this.#at < this.#words.length) {
      const text = unescape(this.#next('text'));
      if (text.length > 255) throw bad('a text of more than 255 octets: split it');
      found.push(text);
    }
    if (found.length === 0) throw bad('a text is missing');
    return found;
  }

  /** RFC 8659 §4.1. */
  caa(): Buffer {
    const flags = this.number(255);
    const tag = Buffer.from(this.#next('a tag'), 'latin1');
    const value = Buffer.from(unescape(this.#next('a value')), 'latin1');
    return Buffer.concat([Buffer.from([flags, tag.length]), tag, value]);
  }

  /** Numbers of these sizes in octets, then hex digits to the end. */
  digest(sizes: readonly number[]): Buffer {
    const numbers = sizes.map((size) => {
      const octets = Buffer.alloc(size);
      octets.writeUIntBE(this.number(2 ** (8 * size) - 1), 0, size);
      return octets;
    });
    const hex = this.#words.slice(this.#at).join('');
    this.#at = this.#words.length;
    if (!/^(?:[0-9a-f]{2})+$/i.test(hex)) throw bad('hex digits are missing');
    return Buffer.concat([...numbers, Buffer.from(hex, 'hex')]);
  }

  #next(what: string): string {
    const word = this.#words[this.#at];
    if (word === undefined) throw bad(`${what} is missing`);
    this.#at += 1;
    return word;
  }
}

/** `\DDD` and `\X` of a character-string (RFC 1035 §5.1); UTF-8 text as its octets. */
function unescape(text: string): string {
  const octets = text.replaceAll(/\\(\d{3}|[^])/g, (_, what: string) =>
    what.length === 3 ? String.fromCharCode(Number(what) & 0xff) : what,
  );
  return Buffer.from(octets, /[^\0-\xff]/.test(octets) ? 'utf8' : 'latin1').toString('latin1');
}
