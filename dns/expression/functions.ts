import { isInPrefix, parsePrefix } from '../corefile/index.ts';
import { formatName, formatType, parseAddress } from '../wire/index.ts';
import type { Query } from '../plugins/plugin.ts';
import { asText, type Value } from './values.ts';

/** A function of the query, and of its arguments. */
export interface QueryFunction {
  readonly arity: number;
  readonly call: (query: Query, args: readonly Value[]) => Value;
}

const of = (call: (query: Query) => Value): QueryFunction => ({ arity: 0, call });

const classNames: Readonly<Record<number, string>> = { 1: 'IN', 3: 'CH', 4: 'HS', 255: 'ANY' };

/** The functions that expressions of CoreDNS have, under their names. */
export const functions: ReadonlyMap<string, QueryFunction> = new Map([
  ['bufsize', of(({ edns }) => edns?.udpPayloadSize ?? 512)],
  ['class', of((query) => classNames[query.class] ?? `CLASS${query.class}`)],
  ['client_ip', of(({ client }) => bracketed(client.address))],
  ['do', of(({ edns }) => edns?.dnssecOk ?? false)],
  ['id', of(({ message }) => message.id)],
  ['name', of(({ lower }) => formatName(lower))],
  ['opcode', of(({ message }) => message.opcode)],
  ['port', of(({ client }) => String(client.port))],
  ['proto', of(({ transport }) => (transport === 'udp' ? 'udp' : 'tcp'))],
  ['server_ip', of(({ server }) => bracketed(server?.host ?? ''))],
  ['server_port', of(({ server }) => String(server?.port ?? 0))],
  ['size', of(({ message }) => message.octets)],
  ['type', of(({ type }) => formatType(type))],
  ['incidr', { arity: 2, call: (_, [address, cidr]) => isWithinCidr(address, cidr) }],
  // Metadata is not gathered here: every label is empty, as it is for a label nobody provides.
  ['metadata', { arity: 1, call: () => '' }],
]);

function bracketed(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}

/** @throws TypeError when the second is no CIDR */
function isWithinCidr(address: Value = '', cidr: Value = ''): boolean {
  const octets = parseAddress(asText(address).replace(/^\[(.*)\]$/, '$1'));
  const prefix = parsePrefix(asText(cidr));
  if (!prefix) throw new TypeError(`"${asText(cidr)}" is no CIDR`);
  return octets !== undefined && isInPrefix(octets, prefix);
}
