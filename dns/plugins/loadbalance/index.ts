import {
  choiceOf,
  corefileError,
  type Directive,
  durationOf,
  expectArgs,
  isInPrefix,
  oneArg,
  parsePrefix,
  type Prefix,
  readOptions,
} from '../../corefile/index.ts';
import type { Random } from '../../../controller/base/index.ts';
import { recordType, type ResourceRecord } from '../../wire/index.ts';
import { type BlockScope, plainPlugin, type PluginKind, pluginKind } from '../kind.ts';
import type { Reply } from '../plugin.ts';
import { mapReply } from '../reply-later.ts';
import { WeightedPlugin } from './weighted.ts';

/** Options in the order of the documentation. */
const loadbalanceOptions = ['prefer', 'reload'] as const;

interface LoadbalanceConfig {
  /** Undefined: every order is as likely as any other. */
  readonly weights: { readonly path: string; readonly reloadMs: number } | undefined;
  readonly preferred: readonly Prefix[];
}

/** Shuffles addresses, so that clients that take the first one spread themselves. */
export const loadbalance: PluginKind = pluginKind({
  name: 'loadbalance',
  options: loadbalanceOptions,
  parse: parseLoadbalance,
  create: ({ weights, preferred }, context) => {
    const { random } = context;
    if (weights) return new WeightedPlugin(weights, context);
    return plainPlugin(
      'loadbalance',
      (query, next) => {
        if (query.type === recordType.AXFR || query.type === recordType.IXFR) return next(query);
        return mapReply(next(query), (reply) =>
          reply.rcode === 0 ? shuffled(reply, random, preferred) : reply,
        );
      },
      { repeatable: true },
    );
  },
});

function parseLoadbalance(line: Directive, scope: BlockScope): LoadbalanceConfig {
  expectArgs(line, 0, 2, 'loadbalance [round_robin|weighted FILE]');
  const [policy, file] = line.args;
  const name = policy ? choiceOf(policy, ['round_robin', 'weighted']) : 'round_robin';
  if (name === 'weighted' && !file) {
    throw corefileError('write loadbalance weighted FILE', line.name.at);
  }
  const preferred: Prefix[] = [];
  let reloadMs = 30_000;
  readOptions(line, {
    reload: (one) => {
      reloadMs = durationOf(oneArg(one, 'reload DURATION'));
    },
    prefer: (one) => {
      expectArgs(one, 1, 100, 'prefer CIDR...');
      for (const token of one.args) {
        const prefix = parsePrefix(token.text);
        if (!prefix) throw corefileError(`"${token.text}" is no CIDR`, token.at);
        preferred.push(prefix);
      }
    },
  } satisfies Record<(typeof loadbalanceOptions)[number], (one: Directive) => void>);
  const weights =
    name === 'weighted' && file ? { path: scope.path(file.text), reloadMs } : undefined;
  return { weights, preferred };
}

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
