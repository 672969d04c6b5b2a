import { lowerLabel, maxLabelOctets, maxNameOctets, type Name, nameOctets } from './name.ts';

/** Names written so far, as a tree from the root down, for compression (RFC 1035 §4.1.4). */
interface Written {
  /** Where a pointer to this name must lead. */
  readonly at: number;
  readonly below: Map<string, Written>;
}

/** Pointers have 14 bits. */
const maxPointer = 0x3fff;

/** Writes a message into a buffer that is its own from `reset` to `finish`. */
export class WireWriter {
  readonly #octets: Buffer;
  #at = 0;
  #first: { readonly name: Name; readonly at: number } | undefined;
  #names: Map<string, Written> | undefined;

  /** `capacity`: octets; writing past it throws RangeError. */
  constructor(capacity: number) {
    this.#octets = Buffer.allocUnsafeSlow(capacity);
  }

  get at(): number {
    return this.#at;
  }

  reset(): void {
    this.#at = 0;
    this.#first = undefined;
    this.#names = undefined;
  }

  /** Takes back everything after `at`. Names written there must not be written again. */
  rewind(at: number): void {
    this.#at = at;
  }

  /** A copy of what was written. */
  finish(): Buffer {
    return Buffer.from(this.#octets.subarray(0, this.#at));
  }

  u8(value: number): void {
    this.#at = this.#octets.writeUInt8(value, this.#at);
  }

  u16(value: number): void {
    this.#at = this.#octets.writeUInt16BE(value, this.#at);
  }

  u32(value: number): void {
    this.#at = this.#octets.writeUInt32BE(value, this.#at);
  }

  /** Overwrites what stands at `at`. */
  patchU16(at: number, value: number): void {
    this.#octets.writeUInt16BE(value, at);
  }

  octets(octets: Uint8Array): void {
    this.#octets.set(octets, this.#at);
    this.#at += octets.length;
  }

  /** A character-string; one octet a character. */
  string(text: string): void {
    this.u8(text.length);
    this.#latin1(text);
  }

  /**
   * `compress` false: spelled out, though later names may point here (RFC 2782 for SRV).
   * @throws RangeError for a name that no message may carry
   */
  name(name: Name, compress: boolean = true): void {
    if (name.length === 0) {
      this.u8(0);
      return;
    }
    // Nearly every answer's owner is the question's name, the very same value.
    if (compress && name === this.#first?.name && this.#first.at <= maxPointer) {
      this.u16(0xc000 | this.#first.at);
      return;
    }
    if (nameOctets(name) > maxNameOctets) throw new RangeError('name of more than 255 octets');
    if (!this.#first) {
      this.#first = { name, at: this.#at };
      this.#spell(name);
      return;
    }
    this.#names ??= this.#remember(new Map(), this.#first.name, 0, this.#first.at);
    this.#compressed(name, this.#names, compress);
  }

  #compressed(name: Name, names: Map<string, Written>, compress: boolean): void {
    let below = names;
    let known: Written | undefined;
    let left = name.length;
    while (left > 0) {
      const next = below.get(lowerLabel(name[left - 1] ?? ''));
      if (!next) break;
      known = next;
      below = next.below;
      left -= 1;
    }
    this.#remember(below, name, name.length - left, this.#at);
    if (!compress || known === undefined) {
      this.#spell(name);
      return;
    }
    for (let i = 0; i < left; i += 1) this.#label(name[i] ?? '');
    this.u16(0xc000 | known.at);
  }

  /** Enters `name`, spelled from `at` on, below its last `skip` labels; gives `below` back. */
  #remember(
    below: Map<string, Written>,
    name: Name,
    skip: number,
    at: number,
  ): Map<string, Written> {
    const starts: number[] = [];
    let start = at;
    for (const label of name) {
      starts.push(start);
      start += 1 + label.length;
    }
    let parent = below;
    for (let i = name.length - skip - 1; i >= 0; i -= 1) {
      const labelAt = starts[i] ?? 0;
      if (labelAt > maxPointer) break;
      const entry: Written = { at: labelAt, below: new Map() };
      parent.set(lowerLabel(name[i] ?? ''), entry);
      parent = entry.below;
    }
    return below;
  }

  #spell(name: Name): void {
    for (const label of name) this.#label(label);
    this.u8(0);
  }

  #label(label: string): void {
    // A longer one would read as a pointer.
    if (label.length === 0 || label.length > maxLabelOctets) {
      throw new RangeError(`label of ${label.length} octets`);
    }
    this.string(label);
  }

  #latin1(text: string): void {
    if (this.#at + text.length > this.#octets.length) throw new RangeError('message too long');
    this.#at += this.#octets.write(text, this.#at, 'latin1');
  }
}
