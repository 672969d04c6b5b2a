import {
  corefileError,
  type Directive,
  expectArgs,
  isInPrefix,
  oneArg,
  parsePrefix,
  type Prefix,
  readOptions,
} from '../../corefile/index.ts';
import {
  canonicalAddress,
  classIN,
  type Name,
  parseAddress,
  rcode,
  recordType,
  type ResourceRecord,
  sameName,
} from '../../wire/index.ts';
import { type BlockScope, type PluginKind, pluginKind, zonesOf } from '../kind.ts';
import type { Eventually, Next, Plugin, PluginContext, Query, Reply } from '../plugin.ts';
import { parseUpstream, type Upstream } from '../forward/upstream.ts';
import { replyWith } from '../reply.ts';
import { batches } from './batches.ts';
import { Notifier } from './notifier.ts';

/** Options in the order of the documentation. */
const transferOptions = ['to', 'source'] as const;

interface TransferConfig {
  readonly zones: readonly Name[];
  /** Who may have zones; undefined: everybody. */
  readonly allowed: readonly Prefix[] | undefined;
  /** Who is told of changes. */
  readonly secondaries: readonly Upstream[];
  /** Address that NOTIFY leaves from. */
  readonly source: string | undefined;
}

/** Whole zones of the plugins below, to secondaries (RFC 5936, RFC 1995, RFC 1996). */
export const transfer: PluginKind = pluginKind({
  name: 'transfer',
  repeats: true,
  options: transferOptions,
  parse: parseTransfer,
  create: (config, context) => new TransferPlugin(config, context),
});

function parseTransfer(line: Directive, scope: BlockScope): TransferConfig {
  const allowed: Prefix[] = [];
  const secondaries: Upstream[] = [];
  let anybody = false;
  let source: string | undefined;
  readOptions(line, {
    to: (one) => {
      expectArgs(one, 1, 100, 'to *|ADDRESS|CIDR...');
      for (const token of one.args) {
        if (token.text === '*') {
          anybody = true;
          continue;
        }
        const prefix = parsePrefix(token.text);
        if (prefix) allowed.push(prefix);
        if (token.text.includes('/') && prefix) continue;
        try {
          const secondary = parseUpstream(token.text);
          secondaries.push(secondary);
          const own = prefix ?? parsePrefix(secondary.host);
          if (own && !prefix) allowed.push(own);
        } catch {
          throw corefileError(`"${token.text}" is no address, no CIDR and not *`, token.at);
        }
      }
    },
    source: (one) => {
      const token = oneArg(one, 'source ADDRESS');
      source = canonicalAddress(token.text);
      if (source === undefined) throw corefileError(`"${token.text}" is no address`, token.at);
    },
  } satisfies Record<(typeof transferOptions)[number], (one: Directive) => void>);
  if (!anybody && allowed.length === 0) {
    throw corefileError('transfer needs a line: to *|ADDRESS|CIDR...', line.name.at);
  }
  const zones = zonesOf(line.args, scope);
  return { zones, allowed: anybody ? undefined : allowed, secondaries, source };
}

class TransferPlugin implements Plugin {
  readonly name = 'transfer';
  readonly repeatable = true;
  readonly #config: TransferConfig;
  readonly #context: PluginContext;
  readonly #notifier: Notifier;

  constructor(config: TransferConfig, context: PluginContext) {
    this.#config = config;
    this.#context = context;
    const { zones, secondaries, source } = config;
    const soaOf = (zone: Name): ResourceRecord | undefined => this.#zone(zone)?.()[0];
    this.#notifier = new Notifier({ zones, secondaries, source, soaOf }, context);
  }

  async start(): Promise<void> {
    this.#notifier.start();
  }

  readonly handle = (query: Query, next: Next): Eventually<Reply> => {
    const { type, lower, transport } = query;
    const isTransfer = type === recordType.AXFR || type === recordType.IXFR;
    if (!isTransfer || query.class !== classIN) return next(query);
    if (!this.#config.zones.some((zone) => sameName(zone, lower))) return next(query);
    const read = this.#zone(lower);
    if (!read) return next(query);
    if (!this.#allows(query) || transport === 'https') {
      return replyWith(this.name, { rcode: rcode.REFUSED });
    }
    return type === recordType.AXFR ? axfr(query, read) : ixfr(query, read);
  };

  async [Symbol.asyncDispose](): Promise<void> {
    this.#notifier[Symbol.dispose]();
  }

  #allows({ client }: Query): boolean {
    const { allowed } = this.#config;
    const octets = parseAddress(client.address);
    return !allowed || (!!octets && allowed.some((prefix) => isInPrefix(octets, prefix)));
  }

  /** How to read the zone, from whichever plugin of the block has it. */
  #zone(zone: Name): (() => readonly ResourceRecord[]) | undefined {
    for (const { transfer: read } of this.#context.siblings()) {
      const found = read?.(zone);
      if (found) return found;
    }
    return undefined;
  }
}

/** RFC 5936 §4.2: over UDP there is none. */
function axfr(query: Query, read: () => readonly ResourceRecord[]): Reply {
  if (query.transport === 'udp') return replyWith('transfer', { rcode: rcode.FORMERR });
  const all = batches(read());
  return replyWith('transfer', {
    authoritative: true,
    ahead: all.slice(0, -1),
    answers: all.at(-1) ?? [],
  });
}

/** RFC 1995 §2: the SOA alone says "you are up to date", or over UDP "come back over TCP". */
function ixfr(query: Query, read: () => readonly ResourceRecord[]): Reply {
  const [soa] = read();
  const serial = soa?.data.kind === 'SOA' ? soa.data.serial : undefined;
  const { ixfrSerial } = query.message;
  const isCurrent =
    ixfrSerial !== undefined && serial !== undefined && !isNewer(serial, ixfrSerial);
  if (!isCurrent && query.transport !== 'udp') return axfr(query, read);
  return replyWith('transfer', { authoritative: true, answers: soa ? [soa] : [] });
}

/** Serial numbers go round (RFC 1982 §3.2). */
function isNewer(serial: number, than: number): boolean {
  const ahead = (serial - than) >>> 0;
  return ahead !== 0 && ahead < 0x8000_0000;
}
