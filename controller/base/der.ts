/** The few pieces of DER (X.690) that a certificate is made of. */
export const der = {
  /** Tag, length, content. Lengths to 65535: enough for any certificate here. */
  tlv(tag: number, ...content: readonly Uint8Array[]): Buffer {
    const body = Buffer.concat(content);
    const { length } = body;
    const head =
      length < 0x80
        ? [tag, length]
        : length < 0x100
          ? [tag, 0x81, length]
          : [tag, 0x82, length >> 8, length & 0xff];
    return Buffer.concat([Buffer.from(head), body]);
  },

  sequence: (...content: readonly Uint8Array[]): Buffer => der.tlv(0x30, ...content),

  set: (...content: readonly Uint8Array[]): Buffer => der.tlv(0x31, ...content),

  /** Big-endian, unsigned: a leading zero keeps the sign bit clear. */
  integer(bytes: Uint8Array): Buffer {
    const signed = (bytes[0] ?? 0) >= 0x80;
    return der.tlv(0x02, ...(signed ? [Buffer.of(0), bytes] : [bytes]));
  },

  /** `1.2.840.10045.4.3.2`: the first two arcs share a byte, the others are base 128. */
  oid(dotted: string): Buffer {
    const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
    const bytes = [first * 40 + second];
    for (const arc of rest) {
      const digits = [arc & 0x7f];
      for (let left = arc >>> 7; left > 0; left >>>= 7) digits.unshift((left & 0x7f) | 0x80);
      bytes.push(...digits);
    }
    return der.tlv(0x06, Buffer.from(bytes));
  },

  utf8String: (text: string): Buffer => der.tlv(0x0c, Buffer.from(text, 'utf8')),

  octetString: (content: Uint8Array): Buffer => der.tlv(0x04, content),

  /** Whole octets only: no unused bits. */
  bitString: (content: Uint8Array): Buffer => der.tlv(0x03, Buffer.of(0), content),

  boolean: (value: boolean): Buffer => der.tlv(0x01, Buffer.of(value ? 0xff : 0)),

  /** UTCTime, which certificates must use for years before 2050 (RFC 5280 §4.1.2.5), or GeneralizedTime. */
  time(epochMs: number): Buffer {
    const digits = new Date(epochMs).toISOString().replace(/[-:T]|\.\d+/g, '');
    const isUtcTime = Number(digits.slice(0, 4)) < 2050;
    return der.tlv(isUtcTime ? 0x17 : 0x18, Buffer.from(isUtcTime ? digits.slice(2) : digits));
  },
} as const;
