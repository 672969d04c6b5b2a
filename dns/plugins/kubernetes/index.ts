import {
  classIN,
  extendedErrorCode,
  type Name,
  rcode,
  recordType,
  type ResourceRecord,
  reverseAddress,
  sameName,
} from '../../wire/index.ts';
import { closestZone, fallsThrough, type PluginKind, pluginKind } from '../kind.ts';
import type { Eventually, Next, Plugin, PluginContext, Query, Reply, Reuse } from '../plugin.ts';
import { extendedError, replyWith } from '../reply.ts';
import { type AnswerContext, answerApex, answerPlace } from './answer.ts';
import { ClusterView } from './cluster-view.ts';
import type { KubernetesConfig } from './config.ts';
import { explainAddress, explainPlace } from './explain.ts';
import { externalTarget, followCname } from './external-name.ts';
import { locate, type Place } from './locate.ts';
import { nameServers } from './name-servers.ts';
import { kubernetesOptions, parseKubernetes } from './parse.ts';
import { zoneRecords } from './transfer.ts';
import { reverseLookup } from './reverse-lookup.ts';
import { ZoneWriter } from './zone.ts';

export { defaultKubernetes, type KubernetesConfig, type PodsMode } from './config.ts';

/** The cluster domain and reverse names, from the daemon's own objects. */
export const kubernetes: PluginKind = pluginKind({
  name: 'kubernetes',
  options: kubernetesOptions,
  parse: parseKubernetes,
  create: (config, context) => new KubernetesPlugin(config, context),
});

/** Types that an ExternalName Service answers itself: the rest follow its CNAME. */
const ownTypes: ReadonlySet<number> = new Set([
  recordType.SRV,
  recordType.PTR,
  recordType.NS,
  recordType.SOA,
  recordType.ANY,
]);

const untilAnyChange: Reuse = { kind: 'table', service: undefined };

/** Answers the cluster domain and reverse names from the table in force. */
export class KubernetesPlugin implements Plugin {
  readonly name = 'kubernetes';
  readonly repeatable = true;
  readonly #config: KubernetesConfig;
  readonly #context: PluginContext;
  readonly #view: ClusterView;
  /** SOA serial until the first table. */
  readonly #startSec: number;

  constructor(config: KubernetesConfig, context: PluginContext) {
    this.#config = config;
    this.#context = context;
    this.#view = new ClusterView(context.cluster, config);
    this.#startSec = Math.floor(context.clock.wallMs() / 1000);
  }

  ready(): boolean {
    return this.#view.synced;
  }

  readonly explain = ({ lower }: Query): readonly string[] => {
    const zone = closestZone(this.#config.zones, lower);
    if (zone) return explainPlace(lower.slice(0, lower.length - zone.length), this.#view);
    const reverse = closestZone(this.#config.reverseZones, lower);
    return reverse ? explainAddress(reverseAddress(lower), this.#view) : [];
  };

  readonly transfer = (zone: Name): (() => readonly ResourceRecord[]) | undefined => {
    const serial = this.#view.serial;
    const own = this.#config.zones.some((one) => sameName(one, zone));
    // Before the first table a secondary would take the zone for an empty one.
    if (!own || serial === undefined) return undefined;
    const writer = new ZoneWriter(zone, this.#config.ttlSec, serial);
    return () => zoneRecords(writer, this.#view, this.#ownAddresses());
  };

  readonly handle = (query: Query, next: Next): Eventually<Reply> => {
    if (query.class !== classIN) return next(query);
    const zone = closestZone(this.#config.zones, query.lower);
    if (zone) return this.#answerForward(query, zone, next);
    const reverse = closestZone(this.#config.reverseZones, query.lower);
    return reverse ? this.#answerReverse(query, reverse, next) : next(query);
  };

  async [Symbol.asyncDispose](): Promise<void> {}

  #answerForward(query: Query, apex: Name, next: Next): Eventually<Reply> {
    const zone = this.#writer(query, apex);
    if (isTransfer(query.type)) return refused();
    const place = this.#locate(query, apex);
    if (place.kind === 'service' && place.records.target.kind === 'ExternalName') {
      const target = externalTarget(place.records);
      if (!target) return this.#denied(zone.denial(rcode.NXDOMAIN), query, next);
      return this.#answerExternalName(query, zone, target);
    }
    const reply = answerPlace(query, place, this.#answerContext(zone));
    if (reply.rcode === rcode.NXDOMAIN) return this.#denied(reply, query, next);
    const reuse = reuseOf(place, reply);
    return reuse ? { ...reply, reuse } : reply;
  }

  /** Names unknown here go on where `fallthrough` says; never NODATA (RFC 2308 §2.2). */
  #denied(reply: Reply, query: Query, next: Next): Eventually<Reply> {
    if (fallsThrough(this.#config.fallthrough, query.lower)) return next(query);
    const denial = this.#unlessUnsynced(reply);
    return denial === reply ? { ...denial, reuse: untilAnyChange } : denial;
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

  /** One step of a CNAME chain. Undefined: the name lies outside the cluster domains. */
  #answerInside(query: Query): Reply | { readonly cname: Name } | undefined {
    const apex = closestZone(this.#config.zones, query.lower);
    if (!apex) return undefined;
    const place = this.#locate(query, apex);
    const zone = this.#writer(query, apex);
    if (place.kind === 'service' && place.records.target.kind === 'ExternalName') {
      const cname = externalTarget(place.records);
      return cname ? { cname } : zone.denial(rcode.NXDOMAIN);
    }
    return answerPlace(query, place, this.#answerContext(zone));
  }

  #answerReverse(query: Query, apex: Name, next: Next): Eventually<Reply> {
    if (isTransfer(query.type)) return refused();
    const zone = this.#writer(query, apex);
    const [domain] = this.#config.zones;
    if (query.lower.length === apex.length) {
      return answerApex(query, zone, () => nameServers(domain, this.#view, this.#ownAddresses()));
    }
    const names = reverseLookup(query.lower, this.#view, domain);
    if (!names) return this.#denied(zone.denial(rcode.NXDOMAIN), query, next);
    if (query.type !== recordType.PTR) return zone.denial(rcode.NOERROR);
    const reply = zone.reply(
      names.map((target) => zone.record(query.name, recordType.PTR, { kind: 'Target', target })),
    );
    return { ...reply, reuse: untilAnyChange };
  }

  /** A denial would be cached; so before the first table there is none (RFC 8914 §4.15). */
  #unlessUnsynced(reply: Reply): Reply {
    if (this.#view.synced) return reply;
    const options = [extendedError(extendedErrorCode.notReady, 'no objects listed yet')];
    return { ...reply, rcode: rcode.SERVFAIL, options };
  }

  #locate(query: Query, apex: Name): Place {
    return locate(query.lower.slice(0, query.lower.length - apex.length), this.#view);
  }

  #writer(query: Query, apex: Name): ZoneWriter {
    const spelled = query.name.slice(query.name.length - apex.length);
    return new ZoneWriter(spelled, this.#config.ttlSec, this.#view.serial ?? this.#startSec);
  }

  #answerContext(zone: ZoneWriter): AnswerContext {
    return {
      zone,
      view: this.#view,
      podsMode: this.#config.podsMode,
      ownAddresses: () => this.#ownAddresses(),
    };
  }

  #ownAddresses(): readonly string[] {
    return [...new Set(this.#context.listening().map(({ host }) => host))];
  }
}

/** Records of one Service hold until it changes; a denial shows the serial, so any change ends it. */
function reuseOf(place: Place, reply: Reply): Reuse | undefined {
  if (reply.answers.length === 0) return untilAnyChange;
  switch (place.kind) {
    case 'service':
    case 'port':
    case 'endpoint':
    case 'zonal':
      return { kind: 'table', service: `${place.records.namespace}/${place.records.name}` };
    // These show addresses of our own, which may change without a table.
    case 'apex':
    case 'name-server':
      return undefined;
    case 'absent':
    case 'empty-non-terminal':
    case 'pod':
    case 'dns-version':
      return untilAnyChange;
  }
}

function isTransfer(type: number): boolean {
  return type === recordType.AXFR || type === recordType.IXFR;
}

function refused(): Reply {
  return replyWith('kubernetes', { rcode: rcode.REFUSED });
}
