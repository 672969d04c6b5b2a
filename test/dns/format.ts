import { formatRcode, type Message, type ResourceRecord } from '../../dns/wire/index.ts';
import { formatRecord } from '../../dns/zonefile/index.ts';

export { formatRecord };

/** A message as a table row has it; empty sections are left out. */
export interface Answer {
  readonly rcode: string;
  readonly flags: string;
  readonly answers?: readonly string[];
  readonly authorities?: readonly string[];
  readonly additionals?: readonly string[];
}

export function formatAnswer(message: Message): Answer {
  const flags = [
    message.authoritative && 'aa',
    message.truncated && 'tc',
    message.recursionDesired && 'rd',
    message.recursionAvailable && 'ra',
    message.authenticData && 'ad',
    message.checkingDisabled && 'cd',
  ].filter(Boolean);
  const section = (name: string, records: readonly ResourceRecord[]): object =>
    records.length > 0 ? { [name]: records.map(formatRecord) } : {};
  return {
    rcode: formatRcode(message.rcode),
    flags: flags.join(' '),
    ...section('answers', message.answers),
    ...section('authorities', message.authorities),
    ...section('additionals', message.additionals),
  };
}
