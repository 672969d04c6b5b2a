import {
  choiceOf,
  corefileError,
  expectArgs,
  isInPrefix,
  parsePrefix,
  type Prefix,
  readOptions,
} from '../../corefile/index.ts';
import type { Random } from '../../../controller/base/index.ts';
import { recordType, type ResourceRecord } from '../../wire/index.ts';
import { plainPlugin, type PluginKind, pluginKind } from '../kind.ts';
import type { Reply } from '../plugin.ts';
import { mapReply } from '../reply-later.ts';

/** Shuffles addresses, so that clients that take the first one spread themselves. */
export const loadbalance: PluginKind = pluginKind({
  name: 'loadbalance',
  options: ['prefer'],
  parse: (line): readonly Prefix[] => {
    expectArgs(line, 0, 2, 'loadbalance [round_robin]');
    const [policy] = line.args;
    if (policy?.text === 'weighted') {
      throw corefileError(
        'loadbalance weighted is not served by this version: write loadbalance',
        policy.at,
      );
    }
    if (policy) choiceOf(policy, ['round_robin']);
    const preferred: Prefix[] = [];
    readOptions(line, {
      prefer: (one) => {
        expectArgs(one, 1, 100, 'prefer CIDR...');
        for (const token of one.args) {
          const prefix = parsePrefix(token.text);
          if (!prefix) throw corefileError(`"${token.text}" is no CIDR`, token.at);
          preferred.push(prefix);
        }
      },
    });
    return preferred;
  },
  create: (preferred, { random }) =>
    plainPlugin(
      'loadbalance',
      (query, next) => {
        if (query.type === recordType.AXFR || query.type === recordType.IXFR) return next(query);
        return mapReply(next(query), (reply) =>
          reply.rcode === 0 ? shuffled(reply, random, preferred) : reply,
        );
      },
      { repeatable: true },
    ),
});

function shuffled(reply: Reply, random: Random, preferred: readonly Prefix[]): Reply {
  // One address, or none, has one order: nothing to do, and the octets can be used again.
  if (reply.answers.length + reply.additionals.length < 2) return reply;
  const answers = arrange(reply.answers, random, preferred);
  const additionals = arrange(reply.additionals, random, []);
  if (answers === reply.answers && additionals === reply.additionals) return reply;
  return { ...reply, answers, additionals, reuse: undefined };
}

/** CNAMEs first in their order, then other types, addresses, MX; the stored records stay as they are. */
function arrange(
  records: readonly ResourceRecord[],
  random: Random,
  preferred: readonly Prefix[],
): readonly ResourceRecord[] {
  const cnames: ResourceRecord[] = [];
  const others: ResourceRecord[] = [];
  const addresses: ResourceRecord[] = [];
  const exchanges: ResourceRecord[] = [];
  for (const record of records) {
    const { type } = record;
    if (type === recordType.CNAME) cnames.push(record);
    else if (type === recordType.A || type === recordType.AAAA) addresses.push(record);
    else if (type === recordType.MX) exchanges.push(record);
    else others.push(record);
  }
  if (addresses.length < 2 && exchanges.length < 2) return records;
  shuffle(addresses, random);
  shuffle(exchanges, random);
  const ordered = preferred.length > 0 ? addresses.toSorted(byPreference(preferred)) : addresses;
  return [...cnames, ...others, ...ordered, ...exchanges];
}

function byPreference(
  preferred: readonly Prefix[],
): (a: ResourceRecord, b: ResourceRecord) => number {
  const rank = ({ data }: ResourceRecord): number => {
    if (data.kind !== 'Address') return preferred.length;
    const at = preferred.findIndex((prefix) => isInPrefix(data.octets, prefix));
    return at < 0 ? preferred.length : at;
  };
  return (a, b) => rank(a) - rank(b);
}

/** Fisher and Yates, in place. */
function shuffle(items: ResourceRecord[], random: Random): void {
  for (let i = items.length - 1; i > 0; i -= 1) {
    const j = Math.floor(random() * (i + 1));
    const [a, b] = [items[i], items[j]];
    if (a === undefined || b === undefined) return;
    items[i] = b;
    items[j] = a;
  }
}
