import type { IPFamily } from '../../controller/objects/index.ts';
import { addressBytes, addressText } from './address.ts';

/** A network in canonical form: no bit is set behind the prefix. */
export interface Cidr {
  readonly family: IPFamily;
  readonly address: string;
  readonly prefixLength: number;
  /** `address/prefixLength`. */
  readonly text: string;
}

/** Reads `10.1.2.3/8` as 10.0.0.0/8. Undefined: it is no CIDR; a bare address is none. */
export function parseCidr(text: string): Cidr | undefined {
  const match = /^([^/]+)\/(\d{1,3})$/.exec(text.trim());
  const bytes = addressBytes(match?.[1] ?? '');
  const prefixLength = Number(match?.[2]);
  if (!bytes || prefixLength > bytes.length * 8) return undefined;
  const masked = bytes.map((byte, place) => {
    const kept = Math.max(0, Math.min(8, prefixLength - place * 8));
    return byte & ((0xff00 >> kept) & 0xff);
  });
  const address = addressText(masked);
  const family = bytes.length === 4 ? 'IPv4' : 'IPv6';
  return { family, address, prefixLength, text: `${address}/${prefixLength}` };
}
