import { corefileError, type Token } from '../../corefile/index.ts';
import {
  type EdnsOption,
  ednsOption,
  formatName,
  formatType,
  parseAddress,
} from '../../wire/index.ts';
import type { Query } from '../plugin.ts';

/** Changes the EDNS options of a query; undefined: the rule does not fit. */
export type EdnsRule = (query: Query) => Query | undefined;

/** RFC 6891 §6.2.5: what a query without OPT can take is the classic limit. */
const plainPayloadSize = 512;

const actions = ['set', 'append', 'replace', 'unset'] as const;
type Action = (typeof actions)[number];

/** What may stand in braces for data, as octets. */
const variables: Readonly<Record<string, (query: Query) => Buffer>> = {
  '{qname}': ({ name }) => Buffer.from(formatName(name)),
  '{qtype}': ({ type }) => Buffer.from(formatType(type)),
  '{client_ip}': ({ client }) => addressOctets(client.address),
  '{client_port}': ({ client }) => u16(client.port),
  '{protocol}': ({ transport }) => Buffer.from(transport === 'udp' ? 'udp' : 'tcp'),
  '{server_ip}': ({ server }) => addressOctets(server?.host ?? ''),
  '{server_port}': ({ server }) => u16(server?.port ?? 0),
};

/**
 * Reads `local|nsid|subnet set|append|replace|unset …`. `revert` at the end is taken and has
 * nothing to do: options of an upstream's reply never reach the client. @throws ConfigError
 */
export function ednsRule(words: readonly Token[], field: Token): EdnsRule {
  const [kind, action, ...rest] = words;
  if (!kind || !action) {
    throw corefileError('write rewrite edns0 local|nsid|subnet set|append|replace|unset', field.at);
  }
  const what = actions.find((one) => one === action.text);
  if (!what)
    throw corefileError(`"${action.text}" is not one of: ${actions.join(', ')}`, action.at);
  const args = rest.at(-1)?.text === 'revert' ? rest.slice(0, -1) : rest;
  switch (kind.text) {
    case 'local':
      return localRule(what, args, kind);
    case 'nsid':
      return optionRule(what, ednsOption.NSID, () => Buffer.alloc(0));
    case 'subnet':
      return subnetRule(what, args, kind);
    default:
      throw corefileError(`"${kind.text}" is not one of: local, nsid, subnet`, kind.at);
  }
}

/** `local ACTION CODE DATA`. */
function localRule(action: Action, [code, data]: readonly Token[], kind: Token): EdnsRule {
  const number = Number(code?.text);
  if (!code || !Number.isInteger(number) || number < 1 || number > 65_535) {
    throw corefileError('write the code of a local option, such as 0xffee', (code ?? kind).at);
  }
  if (action === 'unset') return optionRule(action, number, () => Buffer.alloc(0));
  if (!data) throw corefileError('a local option needs data', code.at);
  if (/^\{.*\}$/.test(data.text)) {
    const read = Object.hasOwn(variables, data.text) ? variables[data.text] : undefined;
    if (!read) {
      const known = Object.keys(variables).join(', ');
      throw corefileError(`"${data.text}" is no variable (there are: ${known})`, data.at);
    }
    return optionRule(action, number, read);
  }
  const hex = /^0x((?:[0-9a-fA-F]{2})*)$/.exec(data.text)?.[1];
  const octets = hex === undefined ? Buffer.from(data.text) : Buffer.from(hex, 'hex');
  return optionRule(action, number, () => octets);
}

/** `subnet ACTION IPV4-BITS IPV6-BITS`: the client's own network (RFC 7871). */
function subnetRule(action: Action, args: readonly Token[], kind: Token): EdnsRule {
  if (action === 'unset') return optionRule(action, ednsOption.SUBNET, () => Buffer.alloc(0));
  const [v4, v6] = args.map((token) => Number(token.text));
  const isLength = (bits: number | undefined, max: number): bits is number =>
    bits !== undefined && Number.isInteger(bits) && bits >= 0 && bits <= max;
  if (!isLength(v4, 32) || !isLength(v6, 128)) {
    throw corefileError('subnet takes two prefix lengths, such as 24 56', kind.at);
  }
  return optionRule(action, ednsOption.SUBNET, ({ client }) => subnetOf(client.address, v4, v6));
}

/** RFC 7871 §6: family, prefix lengths, and as many octets of the address as it takes. */
function subnetOf(address: string, v4: number, v6: number): Buffer {
  const octets = addressOctets(address);
  const bits = octets.length === 4 ? v4 : v6;
  const kept = Buffer.from(octets.subarray(0, Math.ceil(bits / 8)));
  const spare = kept.length * 8 - bits;
  const last = kept.length - 1;
  if (last >= 0) kept[last] = (kept[last] ?? 0) & (0xff << spare);
  return Buffer.concat([u16(octets.length === 4 ? 1 : 2), Buffer.from([bits, 0]), kept]);
}

function optionRule(action: Action, code: number, make: (query: Query) => Buffer): EdnsRule {
  return (query) => {
    const known = query.edns?.options ?? [];
    const has = known.some((option) => option.code === code);
    if (action === 'unset') return has ? withOptions(query, without(known, code)) : undefined;
    if (action === 'append' ? has : action === 'replace' && !has) return undefined;
    return withOptions(query, [...without(known, code), { code, octets: make(query) }]);
  };
}

function without(options: readonly EdnsOption[], code: number): readonly EdnsOption[] {
  return options.filter((option) => option.code !== code);
}

function withOptions(query: Query, options: readonly EdnsOption[]): Query {
  const edns = query.edns ?? {
    udpPayloadSize: plainPayloadSize,
    version: 0,
    dnssecOk: false,
    options: [],
  };
  return { ...query, edns: { ...edns, options } };
}

function addressOctets(address: string): Buffer {
  return parseAddress(address) ?? Buffer.alloc(4);
}

function u16(value: number): Buffer {
  const octets = Buffer.alloc(2);
  octets.writeUInt16BE(value);
  return octets;
}
