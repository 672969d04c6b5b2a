import { ConfigError } from '../../controller/base/index.ts';
import {
  canonicalAddress,
  type Name,
  parseAddress,
  parseName,
  recordType,
  reverseName,
} from '../wire/index.ts';
import { typeNumber } from '../zonefile/index.ts';

/** What to explain. Plain data: it goes to another process. */
export interface ExplainQuestion {
  readonly name: Name;
  readonly type: number;
  /** As if this client asked. */
  readonly client: string;
}

/**
 * Reads `NAME [TYPE] [CLIENT]`; an address in place of the name means its PTR. Default type A, from
 * loopback.
 * @throws ConfigError `BadQuestion`
 */
export function parseQuestion(
  name: string,
  type: string | undefined,
  client: string = '127.0.0.1',
): ExplainQuestion {
  const from = canonicalAddress(client);
  if (from === undefined) throw bad(`"${client}" is no address`);
  const octets = parseAddress(name);
  const number = type === undefined ? (octets ? recordType.PTR : recordType.A) : typeNumber(type);
  if (number === undefined) throw bad(`"${type}" is no record type: write A, AAAA, SRV, TXT …`);
  if (octets) return { name: reverseName(octets), type: number, client: from };
  try {
    return { name: parseName(name), type: number, client: from };
  } catch {
    throw bad(`"${name}" is no domain name`);
  }
}

function bad(message: string): ConfigError {
  return new ConfigError('BadQuestion', message);
}
