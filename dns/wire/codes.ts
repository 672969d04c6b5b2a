/** Record types that Portolan names (IANA DNS parameters); all others pass through as numbers. */
export const recordType = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  HINFO: 13,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  NAPTR: 35,
  DNAME: 39,
  OPT: 41,
  DS: 43,
  RRSIG: 46,
  NSEC: 47,
  DNSKEY: 48,
  TLSA: 52,
  SVCB: 64,
  HTTPS: 65,
  SPF: 99,
  IXFR: 251,
  AXFR: 252,
  ANY: 255,
  CAA: 257,
} as const;

/** Response codes. Above 15 they need EDNS (RFC 6891 §6.1.3). */
export const rcode = {
  NOERROR: 0,
  FORMERR: 1,
  SERVFAIL: 2,
  NXDOMAIN: 3,
  NOTIMP: 4,
  REFUSED: 5,
  BADVERS: 16,
  BADCOOKIE: 23,
} as const;

export const opcode = { QUERY: 0, NOTIFY: 4 } as const;

/** The Internet; the only class that cluster data has. */
export const classIN = 1;

/** EDNS option codes. */
export const ednsOption = {
  NSID: 3,
  SUBNET: 8,
  COOKIE: 10,
  TCP_KEEPALIVE: 11,
  PADDING: 12,
  EDE: 15,
} as const;

/** Extended error codes (RFC 8914 §5.2). */
export const extendedErrorCode = { staleAnswer: 3, notReady: 14 } as const;

const typeNames: ReadonlyMap<number, string> = invert(recordType);
const rcodeNames: ReadonlyMap<number, string> = invert(rcode);

/** `AAAA`, or `TYPE65280` for one without a name here (RFC 3597 §5). */
export function formatType(type: number): string {
  return typeNames.get(type) ?? `TYPE${type}`;
}

/** `NXDOMAIN`, or `RCODE17` for one without a name here. */
export function formatRcode(code: number): string {
  return rcodeNames.get(code) ?? `RCODE${code}`;
}

function invert(codes: Readonly<Record<string, number>>): ReadonlyMap<number, string> {
  return new Map(Object.entries(codes).map(([name, code]) => [code, name]));
}
