import {
  corefileError,
  type Directive,
  expectArgs,
  noArgs,
  parsePrefix,
  readOptions,
  type Token,
} from '../../corefile/index.ts';
import { isIP } from 'node:net';
import { classIN, rcode, recordType, type ResourceRecord } from '../../wire/index.ts';
import { plainPlugin, type PluginKind, pluginKind } from '../kind.ts';
import { mapReply, thenReply } from '../reply-later.ts';
import type { Query, Reply } from '../plugin.ts';

/** The well-known prefix (RFC 6052 §2.1). */
const wellKnown = '64:ff9b::/96';

interface Dns64Config {
  readonly prefix: Buffer;
  readonly translateAll: boolean;
  readonly allowIPv4: boolean;
}

/** Makes AAAA records from A records for clients that have only IPv6 (RFC 6147). */
export const dns64: PluginKind = pluginKind({
  name: 'dns64',
  options: ['prefix', 'translate_all', 'allow_ipv4'],
  parse: parseDns64,
  create: (config) =>
    plainPlugin('dns64', (query, next) => {
      const forIPv6 = config.allowIPv4 || isIP(query.client.address) === 6;
      if (!forIPv6 || query.type !== recordType.AAAA || query.class !== classIN) return next(query);
      return thenReply(next(query), (reply) => {
        if (!config.translateAll && !lacksAddress(reply)) return reply;
        const asked: Query = { ...query, type: recordType.A };
        return mapReply(next(asked), (found) => translate(reply, found, config.prefix));
      });
    }),
});

function parseDns64(line: Directive): Dns64Config {
  expectArgs(line, 0, 1, 'dns64 [PREFIX]');
  const [written] = line.args;
  const config = { prefix: prefixOf(written), translateAll: false, allowIPv4: false };
  readOptions(line, {
    prefix: (one) => {
      expectArgs(one, 1, 1, 'prefix CIDR');
      config.prefix = prefixOf(one.args[0]);
    },
    translate_all: (one) => {
      config.translateAll = noArgs(one);
    },
    allow_ipv4: (one) => {
      config.allowIPv4 = noArgs(one);
    },
  });
  return config;
}

function prefixOf(token: Token | undefined): Buffer {
  const prefix = parsePrefix(token?.text ?? wellKnown);
  if (prefix?.octets.length === 16 && prefix.bits === 96) return prefix.octets;
  throw corefileError(
    `"${token?.text}" is no IPv6 prefix of 96 bits: write ${wellKnown}`,
    token?.at ?? { file: '', line: 1, column: 1 },
  );
}

// NXDOMAIN holds for every type of the name (RFC 6147 §5.1.2).
function lacksAddress(reply: Reply): boolean {
  if (reply.rcode === rcode.NXDOMAIN) return false;
  return !reply.answers.some(({ type }) => type === recordType.AAAA);
}

function translate(original: Reply, found: Reply, prefix: Buffer): Reply {
  if (found.rcode !== rcode.NOERROR || found.answers.length === 0) return original;
  const answers = found.answers.map((record): ResourceRecord => {
    if (record.type !== recordType.A || record.data.kind !== 'Address') return record;
    const octets = Buffer.concat([prefix.subarray(0, 12), record.data.octets]);
    return { ...record, type: recordType.AAAA, data: { kind: 'Address', octets } };
  });
  return { ...found, answers, authenticData: false, plugin: 'dns64', reuse: undefined };
}
