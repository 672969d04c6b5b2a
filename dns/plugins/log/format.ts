import { formatName, formatRcode, formatType } from '../../wire/index.ts';
import type { Query, Reply } from '../plugin.ts';

/** What a line is made of. */
export interface Logged {
  readonly query: Query;
  readonly reply: Reply;
  readonly responseOctets: number;
  readonly tookMs: number;
}

/** Formats with a name of their own. */
export const namedFormats: Readonly<Record<string, string>> = {
  common:
    '{remote}:{port} - {>id} "{type} {class} {name} {proto} {size} {>do} {>bufsize}" {rcode} {>rflags} {rsize} {duration}',
  combined:
    '{remote}:{port} - {>id} "{type} {class} {name} {proto} {size} {>do} {>bufsize}" {rcode} {>rflags} {rsize} {duration} "{>opcode}"',
};

/** Every placeholder and what it stands for. */
const fields: Readonly<Record<string, (logged: Logged) => string>> = {
  remote: ({ query }) =>
    query.client.address.includes(':') ? `[${query.client.address}]` : query.client.address,
  port: ({ query }) => String(query.client.port),
  type: ({ query }) => formatType(query.type),
  class: ({ query }) =>
    ({ 1: 'IN', 3: 'CH', 4: 'HS', 255: 'ANY' })[query.class] ?? `CLASS${query.class}`,
  name: ({ query }) => formatName(query.name),
  proto: ({ query }) => (query.transport === 'udp' ? 'udp' : 'tcp'),
  size: ({ query }) => String(query.message.octets),
  rcode: ({ reply }) => formatRcode(reply.rcode),
  rsize: ({ responseOctets }) => String(responseOctets),
  duration: ({ tookMs }) => `${(tookMs / 1000).toFixed(9)}s`,
  '>id': ({ query }) => String(query.message.id),
  '>opcode': ({ query }) => String(query.message.opcode),
  '>do': ({ query }) => String(query.edns?.dnssecOk ?? false),
  '>bufsize': ({ query }) => String(query.edns?.udpPayloadSize ?? 512),
  '>rflags': ({ reply, query }) =>
    [
      'qr',
      reply.authoritative && 'aa',
      reply.truncated && 'tc',
      query.recursionDesired && 'rd',
      reply.recursionAvailable && 'ra',
      reply.authenticData && 'ad',
      query.checkingDisabled && 'cd',
    ]
      .filter(Boolean)
      .join(','),
};

/** The placeholders of a format that nothing is known of. */
export function unknownFields(format: string): readonly string[] {
  return [...format.matchAll(/\{([^{}]+)\}/g)].flatMap(([, name = '']) =>
    Object.hasOwn(fields, name) || name.startsWith('/') || name in namedFormats ? [] : [name],
  );
}

/** One line. Metadata (`{/label}`) is not gathered here, and shows as `-`, as CoreDNS has it. */
export function formatLine(format: string, logged: Logged): string {
  return format.replaceAll(/\{([^{}]+)\}/g, (_, name: string) => fields[name]?.(logged) || '-');
}
