import {
  expectArgs,
  type Directive,
  integerOf,
  noArgs,
  oneArg,
  readOptions,
} from '../../corefile/index.ts';
import {
  classIN,
  lowerName,
  type Name,
  parseAddress,
  rcode,
  type RecordData,
  recordType,
  type ResourceRecord,
  reverseAddress,
} from '../../wire/index.ts';
import {
  type BlockScope,
  closestZone,
  type Fallthrough,
  fallsThrough,
  type PluginKind,
  pluginKind,
  readFallthrough,
  zonesOf,
} from '../kind.ts';
import type { Eventually, Next, Plugin, PluginContext, Query, Reply } from '../plugin.ts';
import { mapReply } from '../reply-later.ts';
import { replyWith } from '../reply.ts';
import { type ExternalPlace, type ExternalService, locateExternal } from './locate.ts';

/** Options in the order of the documentation. */
const externalOptions = ['apex', 'ttl', 'headless', 'fallthrough'] as const;

interface ExternalConfig {
  readonly zones: readonly Name[];
  /** Label of the zone's own name servers. */
  readonly apexLabel: string;
  readonly ttlSec: number;
  /** Endpoints of headless Services are external too. */
  readonly headless: boolean;
  readonly fallthrough: Fallthrough;
}

/** Services by their addresses outside the cluster: `service.namespace.ZONE`. */
export const k8sExternal: PluginKind = pluginKind({
  name: 'k8s_external',
  options: externalOptions,
  parse: parseExternal,
  create: (config, context) => new ExternalPlugin(config, context),
});

function parseExternal(line: Directive, scope: BlockScope): ExternalConfig {
  expectArgs(line, 0, 100, 'k8s_external [ZONES...]');
  const config = {
    zones: zonesOf(line.args, scope),
    apexLabel: 'dns',
    ttlSec: 5,
    headless: false,
    fallthrough: [] as Fallthrough,
  };
  readOptions(line, {
    apex: (one) => {
      config.apexLabel = oneArg(one, 'apex LABEL').text;
    },
    ttl: (one) => {
      config.ttlSec = integerOf(oneArg(one, 'ttl SECONDS'), 0, 3600);
    },
    headless: (one) => {
      config.headless = noArgs(one);
    },
    fallthrough: (one) => {
      config.fallthrough = readFallthrough(one);
    },
  } satisfies Record<(typeof externalOptions)[number], (one: Directive) => void>);
  return config;
}

class ExternalPlugin implements Plugin {
  readonly name = 'k8s_external';
  readonly repeatable = true;
  readonly #config: ExternalConfig;
  readonly #context: PluginContext;

  constructor(config: ExternalConfig, context: PluginContext) {
    this.#config = config;
    this.#context = context;
  }

  readonly handle = (query: Query, next: Next): Eventually<Reply> => {
    if (query.class !== classIN) return next(query);
    const zone = closestZone(this.#config.zones, query.lower);
    if (!zone) return this.#answerReverse(query, next);
    const spelled = query.name.slice(query.name.length - zone.length);
    const labels = query.lower.slice(0, query.lower.length - zone.length);
    if (labels.length === 0) return this.#apex(query, spelled);
    if (labels.at(-1) === this.#config.apexLabel && labels.length === 1) {
      return this.#denial(spelled, 0);
    }
    const found = this.#lookUp(labels);
    if (!found) {
      if (fallsThrough(this.#config.fallthrough, query.lower)) return next(query);
      return this.#denial(spelled, this.#context.cluster.synced ? rcode.NXDOMAIN : rcode.SERVFAIL);
    }
    if (found.kind === 'namespace') return this.#denial(spelled, 0);
    return this.#answer(query, spelled, found);
  };

  /** The name of an address outside; addresses without one are the business of others. */
  #answerReverse(query: Query, next: Next): Eventually<Reply> {
    const [zone] = this.#config.zones;
    if (query.type !== recordType.PTR || !zone) return next(query);
    const address = reverseAddress(query.lower);
    const names = address === undefined ? [] : this.#context.cluster.servicesOutside(address);
    if (names.length === 0) return next(query);
    const answers = names.map(({ name, namespace }) =>
      this.#record(query.name, recordType.PTR, {
        kind: 'Target',
        target: [name, namespace, ...zone],
      }),
    );
    return replyWith(this.name, { authoritative: true, answers });
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  #lookUp(labels: Name): ExternalPlace | undefined {
    return locateExternal(labels, this.#context.cluster, this.#config.headless);
  }

  #answer(query: Query, spelled: Name, found: ExternalService): Eventually<Reply> {
    const { records, label, hostnames } = found;
    const target = [...(label === undefined ? [] : [label]), records.name, records.namespace];
    if (query.type === recordType.SRV) return this.#answerSrv(query, spelled, found, target);
    const [hostname] = hostnames;
    // A CNAME stands alone; who has addresses too is found by these.
    if (hostname && found.addresses.length === 0) return this.#answerCname(query, hostname);
    const answers = this.#addresses(query.name, found).filter(({ type }) => type === query.type);
    if (answers.length === 0) return this.#denial(spelled, 0);
    const reuse = { kind: 'table', service: `${records.namespace}/${records.name}` } as const;
    return replyWith(this.name, { authoritative: true, answers, reuse });
  }

  #answerSrv(query: Query, spelled: Name, found: ExternalService, owner: Name): Reply {
    const { addresses, ports, hostnames } = found;
    const inZone = [...owner, ...spelled];
    const targets = [...(addresses.length > 0 ? [inZone] : []), ...hostnames];
    const pairs = (addresses.length + hostnames.length) * ports.length;
    const weight = Math.max(1, Math.floor(100 / Math.max(1, pairs)));
    const answers = ports.flatMap((port) =>
      targets.map((target) =>
        this.#record(query.name, recordType.SRV, {
          kind: 'SRV',
          priority: 0,
          weight,
          port,
          target,
        }),
      ),
    );
    if (answers.length === 0) return this.#denial(spelled, 0);
    const additionals = this.#addresses(inZone, found);
    return replyWith(this.name, { authoritative: true, answers, additionals });
  }

  #answerCname(query: Query, target: Name): Eventually<Reply> {
    const cname = this.#record(query.name, recordType.CNAME, { kind: 'Target', target });
    const alone = replyWith(this.name, { authoritative: true, answers: [cname] });
    if (query.type === recordType.CNAME) return alone;
    const asked = { ...query, name: target, lower: lowerName(target), depth: query.depth + 1 };
    return mapReply(this.#context.resolve(asked), (reply) => ({
      ...alone,
      rcode: reply.rcode,
      truncated: reply.truncated,
      answers: [cname, ...reply.answers],
    }));
  }

  #addresses(name: Name, { addresses }: ExternalService): readonly ResourceRecord[] {
    return [...new Set(addresses)].flatMap((address) => {
      const octets = parseAddress(address);
      if (!octets) return [];
      const type = octets.length === 4 ? recordType.A : recordType.AAAA;
      return [this.#record(name, type, { kind: 'Address', octets })];
    });
  }

  #apex(query: Query, zone: Name): Reply {
    const server: Name = ['ns1', this.#config.apexLabel, ...zone];
    if (query.type === recordType.SOA) return this.#positive(this.#soa(zone));
    if (query.type !== recordType.NS) return this.#denial(zone, 0);
    return this.#positive(
      this.#record(query.name, recordType.NS, { kind: 'Target', target: server }),
    );
  }

  #positive(record: ResourceRecord): Reply {
    return replyWith(this.name, { authoritative: true, answers: [record] });
  }

  #denial(zone: Name, code: number): Reply {
    return replyWith(this.name, {
      rcode: code,
      authoritative: true,
      authorities: [this.#soa(zone)],
    });
  }

  #soa(zone: Name): ResourceRecord {
    const { apexLabel, ttlSec } = this.#config;
    return this.#record(zone, recordType.SOA, {
      kind: 'SOA',
      mname: ['ns1', apexLabel, ...zone],
      rname: ['hostmaster', apexLabel, ...zone],
      serial: this.#context.cluster.serial ?? Math.floor(this.#context.clock.wallMs() / 1000),
      refreshSec: 7200,
      retrySec: 1800,
      expireSec: 86_400,
      minimumSec: ttlSec,
    });
  }

  #record(name: Name, type: number, data: RecordData): ResourceRecord {
    return { name, type, class: classIN, ttlSec: this.#config.ttlSec, data };
  }
}
