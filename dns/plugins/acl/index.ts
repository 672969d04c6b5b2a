import {
  choiceOf,
  corefileError,
  type Directive,
  expectArgs,
  isInPrefix,
  parsePrefix,
  type Prefix,
} from '../../corefile/index.ts';
import { type Name, parseAddress, rcode, recordType } from '../../wire/index.ts';
import { closestZone, plainPlugin, type PluginKind, pluginKind, zonesOf } from '../kind.ts';
import type { Query } from '../plugin.ts';
import { extendedError, replyWith } from '../reply.ts';

const actions = ['allow', 'block', 'filter', 'drop'] as const;
type Action = (typeof actions)[number];

/** RFC 8914 §4.16 and §4.18. */
const edeBlocked = 15;
const edeFiltered = 17;

interface Rule {
  readonly action: Action;
  /** Undefined: every type. */
  readonly types: ReadonlySet<number> | undefined;
  /** Undefined: every source. */
  readonly nets: readonly Prefix[] | undefined;
}

interface AclConfig {
  readonly zones: readonly Name[];
  readonly rules: readonly Rule[];
}

/** Who may ask what; the first rule that fits decides, and without one all is allowed. */
export const acl: PluginKind = pluginKind({
  name: 'acl',
  repeats: true,
  options: actions,
  parse: (line, scope): AclConfig => ({
    zones: zonesOf(line.args, scope),
    rules: (line.block ?? []).map(readRule),
  }),
  create: ({ zones, rules }, { meter }) => {
    const counters = new Map(
      actions.map((action) => [action, meter.counter(metricOf(action)).bind()]),
    );
    return plainPlugin('acl', (query, next) => {
      if (!closestZone(zones, query.lower)) return next(query);
      const action = decide(rules, query);
      counters.get(action)?.inc();
      switch (action) {
        case 'allow':
          return next(query);
        case 'block':
          return replyWith('acl', {
            rcode: rcode.REFUSED,
            options: [extendedError(edeBlocked, '')],
          });
        case 'filter':
          return replyWith('acl', { options: [extendedError(edeFiltered, '')] });
        case 'drop':
          return replyWith('acl', { silent: true });
      }
    });
  },
});

function metricOf(action: Action): { name: string; help: string } {
  const done = { allow: 'allowed', block: 'blocked', filter: 'filtered', drop: 'dropped' }[action];
  return { name: `coredns_acl_${done}_requests_total`, help: `Queries that acl ${done}.` };
}

function decide(rules: readonly Rule[], query: Query): Action {
  const source = parseAddress(query.client.address);
  for (const { action, types, nets } of rules) {
    if (types && !types.has(query.type)) continue;
    // A source that can't be read is in every net: what it may not do must not be guessed.
    if (nets && source && !nets.some((net) => isInPrefix(source, net))) continue;
    return source ? action : 'block';
  }
  return 'allow';
}

function readRule(line: Directive): Rule {
  const action = choiceOf(line.name, actions);
  expectArgs(line, 0, 10_000, `${action} [type TYPE...] [net CIDR...]`);
  const types = new Set<number>();
  const nets: Prefix[] = [];
  let anyType = true;
  let anyNet = true;
  let reading: 'type' | 'net' | undefined;
  for (const token of line.args) {
    if (token.text === 'type' || token.text === 'net') {
      reading = token.text;
    } else if (reading === 'type') {
      anyType = token.text === '*' || token.text.toUpperCase() === 'ANY';
      if (!anyType)
        types.add(
          typeOf(token.text, () => corefileError(`"${token.text}" is no record type`, token.at)),
        );
    } else if (reading === 'net') {
      anyNet = token.text === '*';
      const net = anyNet ? undefined : parsePrefix(token.text);
      if (net) nets.push(net);
      else if (!anyNet)
        throw corefileError(`"${token.text}" is neither an address nor a CIDR`, token.at);
    } else {
      throw corefileError(`"${token.text}" must follow type or net`, token.at);
    }
  }
  return { action, types: anyType ? undefined : types, nets: anyNet ? undefined : nets };
}

function typeOf(text: string, error: () => Error): number {
  const found = Object.entries(recordType).find(([name]) => name === text.toUpperCase())?.[1];
  const number = /^TYPE(\d{1,5})$/i.exec(text)?.[1];
  if (found === undefined && number === undefined) throw error();
  return found ?? Number(number);
}
