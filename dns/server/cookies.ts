import { timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../controller/base/index.ts';
import { ednsOption, type EdnsOption, type Message, parseAddress } from '../wire/index.ts';
import { sipHash24 } from './siphash.ts';

/** RFC 7873 §4. */
const clientOctets = 8;
/** RFC 9018 §4: version, three reserved octets, a timestamp of 32 bits, a hash of 64. */
const serverOctets = 16;
const minServerOctets = 8;
const maxServerOctets = 32;
/** RFC 9018 §4.3: older ones are not believed, nor those from further ahead than this. */
const maxAgeSec = 3600;
const maxAheadSec = 300;

/** What the cookie of a query says about who sent it. */
export type CookieJudgement =
  | { readonly kind: 'none' }
  /** FORMERR (RFC 7873 §5.2.2). */
  | { readonly kind: 'malformed' }
  /** `verified`: the server part was given to this very address, which so is not forged. */
  | { readonly kind: 'cookie'; readonly client: Buffer; readonly verified: boolean };

/** Server cookies that show that a client hears our replies (RFC 7873, RFC 9018). */
export class Cookies {
  readonly #secret: Buffer;
  readonly #clock: Clock;

  /** `secret`: 16 octets, the same for all who serve one address. */
  constructor(secret: Buffer, clock: Clock) {
    this.#secret = secret;
    this.#clock = clock;
  }

  judge({ edns }: Message, address: string): CookieJudgement {
    const option = edns?.options.find(({ code }) => code === ednsOption.COOKIE);
    if (!option) return { kind: 'none' };
    const { octets } = option;
    const server = octets.subarray(clientOctets);
    const isWhole = server.length >= minServerOctets && server.length <= maxServerOctets;
    if (octets.length < clientOctets || (server.length > 0 && !isWhole))
      return { kind: 'malformed' };
    const client = Buffer.from(octets.subarray(0, clientOctets));
    return { kind: 'cookie', client, verified: this.#isOurs(client, server, address) };
  }

  /** The option for the reply: the client's cookie, and a new one of ours. */
  option(client: Buffer, address: string): EdnsOption {
    const nowSec = Math.floor(this.#clock.wallMs() / 1000);
    return {
      code: ednsOption.COOKIE,
      octets: Buffer.concat([client, this.#make(client, nowSec >>> 0, address)]),
    };
  }

  #isOurs(client: Buffer, server: Buffer, address: string): boolean {
    if (server.length !== serverOctets || server[0] !== 1) return false;
    const stampSec = server.readUInt32BE(4);
    const ageSec = ((Math.floor(this.#clock.wallMs() / 1000) >>> 0) - stampSec) | 0;
    if (ageSec > maxAgeSec || ageSec < -maxAheadSec) return false;
    const expected = this.#hash(client, server.subarray(0, 8), address);
    return timingSafeEqual(server.subarray(8), expected);
  }

  #make(client: Buffer, stampSec: number, address: string): Buffer {
    const head = Buffer.from([1, 0, 0, 0, 0, 0, 0, 0]);
    head.writeUInt32BE(stampSec, 4);
    return Buffer.concat([head, this.#hash(client, head, address)]);
  }

  #hash(client: Buffer, head: Buffer, address: string): Buffer {
    const source = parseAddress(address) ?? Buffer.alloc(0);
    return sipHash24(this.#secret, Buffer.concat([client, head, source]));
  }
}
