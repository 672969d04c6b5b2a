import {
  corefileError,
  type Directive,
  integerOf,
  noArgs,
  oneArg,
  readOptions,
} from '../../corefile/index.ts';
import { ednsOption, type Name, nameKey, rcode, recordType } from '../../wire/index.ts';
import { type BlockScope, closestZone, type PluginKind, pluginKind, zonesOf } from '../kind.ts';
import type { Eventually, Next, Plugin, PluginContext, Query, Reply } from '../plugin.ts';
import { mapReply } from '../reply-later.ts';
import { replyWith } from '../reply.ts';
import { type Category, Limiter, type LimiterOptions } from './limiter.ts';

/** Options in the order of the documentation. */
const rrlOptions = [
  'window',
  'ipv4-prefix-length',
  'ipv6-prefix-length',
  'responses-per-second',
  'nodata-per-second',
  'nxdomains-per-second',
  'referrals-per-second',
  'errors-per-second',
  'requests-per-second',
  'slip-ratio',
  'max-table-size',
  'report-only',
] as const;

interface RrlConfig {
  readonly zones: readonly Name[];
  readonly limits: LimiterOptions;
  /** Each so many limited replies one is sent, truncated; 0: none is. */
  readonly slipRatio: number;
  readonly reportOnly: boolean;
}

/** Limits how much this server can be made to send to forged addresses. */
export const rrl: PluginKind = pluginKind({
  name: 'rrl',
  options: rrlOptions,
  parse: parseRrl,
  create: (config, context) => new RrlPlugin(config, context),
});

function parseRrl(line: Directive, scope: BlockScope): RrlConfig {
  const values = new Map<string, number>();
  const number = (min: number, max: number) => (one: Directive) =>
    void values.set(one.name.text, integerOf(oneArg(one, `${one.name.text} NUMBER`), min, max));
  const rate = number(0, 1_000_000);
  let reportOnly = false;
  readOptions(line, {
    window: number(1, 3600),
    'ipv4-prefix-length': number(1, 32),
    'ipv6-prefix-length': number(1, 128),
    'responses-per-second': rate,
    'nodata-per-second': rate,
    'nxdomains-per-second': rate,
    'referrals-per-second': rate,
    'errors-per-second': rate,
    'requests-per-second': rate,
    'slip-ratio': number(0, 10),
    'max-table-size': number(1, 10_000_000),
    'report-only': (one) => {
      reportOnly = noArgs(one);
    },
  } satisfies Record<(typeof rrlOptions)[number], (one: Directive) => void>);
  const response = values.get('responses-per-second') ?? 0;
  const limits: LimiterOptions = {
    windowMs: 1000 * (values.get('window') ?? 15),
    ipv4PrefixLength: values.get('ipv4-prefix-length') ?? 24,
    ipv6PrefixLength: values.get('ipv6-prefix-length') ?? 56,
    perSecond: {
      response,
      nodata: values.get('nodata-per-second') ?? response,
      nxdomain: values.get('nxdomains-per-second') ?? response,
      referral: values.get('referrals-per-second') ?? response,
      error: values.get('errors-per-second') ?? response,
    },
    requestsPerSecond: values.get('requests-per-second') ?? 0,
    maxTableSize: values.get('max-table-size') ?? 100_000,
  };
  const isLimited = Object.values(limits.perSecond).some((one) => one > 0);
  if (!isLimited && limits.requestsPerSecond === 0) {
    throw corefileError('rrl limits nothing: write responses-per-second NUMBER', line.name.at);
  }
  return {
    zones: zonesOf(line.args, scope),
    limits,
    slipRatio: values.get('slip-ratio') ?? 2,
    reportOnly,
  };
}

class RrlPlugin implements Plugin {
  readonly name = 'rrl';
  readonly #config: RrlConfig;
  readonly #context: PluginContext;
  readonly #limiter: Limiter;
  readonly #exceeded: { inc(): void };
  #limited = 0;

  constructor(config: RrlConfig, context: PluginContext) {
    this.#config = config;
    this.#context = context;
    this.#limiter = new Limiter(config.limits);
    this.#exceeded = context.meter
      .counter({
        name: 'coredns_rrl_responses_exceeded_total',
        help: 'Replies beyond the rate that a network may get.',
      })
      .bind();
  }

  readonly handle = (query: Query, next: Next): Eventually<Reply> => {
    // A client that has shown that it hears us is nobody's victim.
    if (query.verified || query.transport !== 'udp') return next(query);
    const zone = closestZone(this.#config.zones, query.lower);
    return zone ? mapReply(next(query), (reply) => this.#limit(query, zone, reply)) : next(query);
  };

  async [Symbol.asyncDispose](): Promise<void> {}

  #limit(query: Query, zone: Name, reply: Reply): Reply {
    const category = categoryOf(reply);
    // Names that do not exist, and errors, are made up at will: one account for all of them.
    const isInvented = category === 'nxdomain' || category === 'error';
    const what = nameKey(isInvented ? zone : query.lower);
    const nowMs = this.#context.clock.nowMs();
    if (this.#limiter.allows(category, query.client.address, what, nowMs)) return reply;
    this.#exceeded.inc();
    return this.#config.reportOnly ? reply : this.#instead(query);
  }

  /** Silence, or no more than says "come back by a way that shows who you are". */
  #instead(query: Query): Reply {
    const { slipRatio } = this.#config;
    this.#limited += 1;
    if (slipRatio === 0 || this.#limited % slipRatio !== 0) {
      return replyWith(this.name, { silent: true });
    }
    const hasCookie = query.edns?.options.some(({ code }) => code === ednsOption.COOKIE) ?? false;
    // RFC 7873 §5.2.3: its reply brings the cookie to come back with.
    return hasCookie
      ? replyWith(this.name, { rcode: rcode.BADCOOKIE })
      : replyWith(this.name, { truncated: true });
  }
}

function categoryOf({ rcode: code, answers, authorities }: Reply): Category {
  if (code === rcode.NXDOMAIN) return 'nxdomain';
  if (code !== rcode.NOERROR) return 'error';
  if (answers.length > 0) return 'response';
  const isReferral = authorities.some(({ type }) => type === recordType.NS);
  return isReferral ? 'referral' : 'nodata';
}
