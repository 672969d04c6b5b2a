import type { ZoneDiff, ZoneTable } from '../../compile/index.ts';
import {
  classIN,
  extendedErrorCode,
  isWithin,
  type Name,
  rcode,
  recordType,
} from '../../wire/index.ts';
import type { Eventually, Next, Plugin, PluginContext, Query, Reply } from '../plugin.ts';
import { extendedError, replyWith } from '../reply.ts';
import { answerApex, answerPlace, type AnswerContext } from './answer.ts';
import type { KubernetesConfig } from './config.ts';
import { externalTarget, followCname } from './external-name.ts';
import { locate } from './locate.ts';
import { nameServers } from './name-servers.ts';
import { reverseLookup } from './reverse-lookup.ts';
import { ZoneIndex } from './zone-index.ts';
import { ZoneWriter } from './zone.ts';

export type { KubernetesConfig, PodsMode } from './config.ts';

/** Types that an ExternalName Service answers itself: the rest follow its CNAME. */
const ownTypes: ReadonlySet<number> = new Set([
  recordType.SRV,
  recordType.PTR,
  recordType.NS,
  recordType.SOA,
  recordType.ANY,
]);

/** Answers the cluster domain and reverse names from the table in force. */
export class KubernetesPlugin implements Plugin {
  readonly name = 'kubernetes';
  readonly #config: KubernetesConfig;
  readonly #context: PluginContext;
  readonly #index: ZoneIndex = new ZoneIndex();
  /** SOA serial until the first table. */
  readonly #startSec: number;

  constructor(config: KubernetesConfig, context: PluginContext) {
    this.#config = config;
    this.#context = context;
    this.#startSec = Math.floor(context.clock.wallMs() / 1000);
  }

  /** Answers from `next` on, at once. */
  apply(next: ZoneTable, diff: ZoneDiff | undefined): void {
    this.#index.apply(next, diff);
  }

  readonly handle = (query: Query, next: Next): Eventually<Reply> => {
    if (query.class !== classIN) return next(query);
    const { zone, reverseZones } = this.#config;
    if (isWithin(query.lower, zone)) return this.#answerForward(query);
    const reverse = reverseZones.find((candidate) => isWithin(query.lower, candidate));
    return reverse ? this.#answerReverse(query, reverse, next) : next(query);
  };

  async [Symbol.asyncDispose](): Promise<void> {}

  #answerForward(query: Query): Eventually<Reply> {
    const zone = this.#writer(query, this.#config.zone);
    if (isTransfer(query.type)) return refused();
    const place = this.#locate(query);
    if (place.kind === 'service' && place.records.target.kind === 'ExternalName') {
      const target = externalTarget(place.records);
      if (!target) return zone.denial(rcode.NXDOMAIN);
      return this.#answerExternalName(query, zone, target);
    }
    return this.#unlessUnsynced(answerPlace(query, place, this.#answerContext(zone)));
  }

  #answerExternalName(query: Query, zone: ZoneWriter, target: Name): Eventually<Reply> {
    if (ownTypes.has(query.type)) return zone.denial(rcode.NOERROR);
    if (query.type === recordType.CNAME) {
      return zone.reply([zone.record(query.name, recordType.CNAME, { kind: 'Target', target })]);
    }
    return followCname(zone, query, target, {
      inside: (asked) => this.#answerInside(asked),
      outside: (asked) => this.#context.resolve(asked),
    });
  }

  /** One step of a CNAME chain. Undefined: the name lies outside the cluster domain. */
  #answerInside(query: Query): Reply | { readonly cname: Name } | undefined {
    if (!isWithin(query.lower, this.#config.zone)) return undefined;
    const place = this.#locate(query);
    const zone = this.#writer(query, this.#config.zone);
    if (place.kind === 'service' && place.records.target.kind === 'ExternalName') {
      const cname = externalTarget(place.records);
      return cname ? { cname } : zone.denial(rcode.NXDOMAIN);
    }
    return answerPlace(query, place, this.#answerContext(zone));
  }

  /** What is not known here goes on: other addresses have their names elsewhere. */
  #answerReverse(query: Query, apex: Name, next: Next): Eventually<Reply> {
    if (isTransfer(query.type)) return refused();
    const zone = this.#writer(query, apex);
    const domain = this.#config.zone;
    if (query.lower.length === apex.length) {
      return answerApex(query, zone, () => nameServers(domain, this.#index, this.#ownAddresses()));
    }
    const names = reverseLookup(query.lower, this.#index, domain);
    if (!names) return next(query);
    if (query.type !== recordType.PTR) return zone.denial(rcode.NOERROR);
    return zone.reply(
      names.map((target) => zone.record(query.name, recordType.PTR, { kind: 'Target', target })),
    );
  }

  /** A denial would be cached; so before the first table there is none (RFC 8914 §4.15). */
  #unlessUnsynced(reply: Reply): Reply {
    if (this.#index.synced || reply.rcode !== rcode.NXDOMAIN) return reply;
    const options = [extendedError(extendedErrorCode.notReady, 'no objects listed yet')];
    return { ...reply, rcode: rcode.SERVFAIL, options };
  }

  #locate(query: Query): ReturnType<typeof locate> {
    return locate(query.lower.slice(0, query.lower.length - this.#config.zone.length), this.#index);
  }

  #writer(query: Query, apex: Name): ZoneWriter {
    const spelled = query.name.slice(query.name.length - apex.length);
    return new ZoneWriter(spelled, this.#config.ttlSec, this.#index.serial ?? this.#startSec);
  }

  #answerContext(zone: ZoneWriter): AnswerContext {
    return {
      zone,
      index: this.#index,
      podsMode: this.#config.podsMode,
      ownAddresses: () => this.#ownAddresses(),
    };
  }

  #ownAddresses(): readonly string[] {
    return [...new Set(this.#context.listening().map(({ host }) => host))];
  }
}

function isTransfer(type: number): boolean {
  return type === recordType.AXFR || type === recordType.IXFR;
}

function refused(): Reply {
  return replyWith('kubernetes', { rcode: rcode.REFUSED });
}
