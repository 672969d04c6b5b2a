import type { Name } from './name.ts';

/** A DNS message (RFC 1035 §4), OPT taken out of the additional section. */
export interface Message extends Flags {
  readonly id: number;
  readonly opcode: number;
  /** All 12 bits when there is EDNS, else the low four. */
  readonly rcode: number;
  readonly questions: readonly Question[];
  readonly answers: readonly ResourceRecord[];
  readonly authorities: readonly ResourceRecord[];
  readonly additionals: readonly ResourceRecord[];
  readonly edns: Edns | undefined;
}

/** The flag bits by the names of RFC 1035 §4.1.1 and RFC 4035 §3. */
export interface Flags {
  /** QR */
  readonly response: boolean;
  /** AA */
  readonly authoritative: boolean;
  /** TC */
  readonly truncated: boolean;
  /** RD */
  readonly recursionDesired: boolean;
  /** RA */
  readonly recursionAvailable: boolean;
  /** AD */
  readonly authenticData: boolean;
  /** CD */
  readonly checkingDisabled: boolean;
}

export interface Question {
  readonly name: Name;
  readonly type: number;
  readonly class: number;
}

/** What the OPT record says (RFC 6891). */
export interface Edns {
  readonly udpPayloadSize: number;
  readonly version: number;
  /** DO */
  readonly dnssecOk: boolean;
  readonly options: readonly EdnsOption[];
}

export interface EdnsOption {
  readonly code: number;
  readonly octets: Buffer;
}

export interface ResourceRecord {
  readonly name: Name;
  readonly type: number;
  readonly class: number;
  readonly ttlSec: number;
  readonly data: RecordData;
}

/** RDATA. `Opaque` carries every type without a form here, untouched (RFC 3597). */
export type RecordData =
  /** `A` or `AAAA`: 4 or 16 octets. */
  | { readonly kind: 'Address'; readonly octets: Buffer }
  /** CNAME, NS and PTR. */
  | { readonly kind: 'Target'; readonly target: Name }
  | {
      readonly kind: 'SOA';
      readonly mname: Name;
      readonly rname: Name;
      readonly serial: number;
      readonly refreshSec: number;
      readonly retrySec: number;
      readonly expireSec: number;
      /** TTL of denials (RFC 2308 §4). */
      readonly minimumSec: number;
    }
  | { readonly kind: 'MX'; readonly preference: number; readonly exchange: Name }
  | {
      readonly kind: 'SRV';
      readonly priority: number;
      readonly weight: number;
      readonly port: number;
      readonly target: Name;
    }
  /** TXT and HINFO: character-strings of at most 255 octets, one character each. */
  | { readonly kind: 'Strings'; readonly strings: readonly string[] }
  | { readonly kind: 'Opaque'; readonly octets: Buffer };
