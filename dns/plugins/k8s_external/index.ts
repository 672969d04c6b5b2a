import {
  expectArgs,
  type Directive,
  integerOf,
  noArgs,
  oneArg,
  readOptions,
} from '../../corefile/index.ts';
import type { ServiceRecords } from '../../compile/index.ts';
import {
  classIN,
  type Name,
  parseAddress,
  rcode,
  type RecordData,
  recordType,
  type ResourceRecord,
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
import { replyWith } from '../reply.ts';

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

interface ExternalService {
  readonly records: ServiceRecords;
  readonly addresses: readonly string[];
  readonly ports: readonly number[];
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
    const zone = query.class === classIN ? closestZone(this.#config.zones, query.lower) : undefined;
    if (!zone) return next(query);
    const spelled = query.name.slice(query.name.length - zone.length);
    const labels = query.lower.slice(0, query.lower.length - zone.length);
    if (labels.length === 0) return this.#apex(query, spelled);
    if (labels.at(-1) === this.#config.apexLabel && labels.length === 1)
      return this.#denial(spelled, 0);
    const found = this.#lookUp(labels);
    if (found === 'namespace') return this.#denial(spelled, 0);
    if (!found) {
      if (fallsThrough(this.#config.fallthrough, query.lower)) return next(query);
      return this.#denial(spelled, this.#context.cluster.synced ? rcode.NXDOMAIN : rcode.SERVFAIL);
    }
    return this.#answer(query, spelled, found);
  };

  async [Symbol.asyncDispose](): Promise<void> {}

  /** What stands left of the zone: `[_port, _proto,] service, namespace`. */
  #lookUp(labels: Name): ExternalService | 'namespace' | undefined {
    const { cluster } = this.#context;
    const namespace = labels.at(-1) ?? '';
    const name = labels.at(-2);
    if (!cluster.hasNamespace(namespace)) return undefined;
    if (name === undefined) return 'namespace';
    const records = cluster.service(namespace, name);
    if (!records) return undefined;
    const addresses = this.#addressesOf(records);
    if (addresses.length === 0 || (labels.length !== 2 && labels.length !== 4)) return undefined;
    const ports = portsOf(records).filter(
      (one) =>
        labels.length === 2 ||
        (labels[0] === `_${one.name.toLowerCase()}` &&
          labels[1] === `_${one.protocol.toLowerCase()}`),
    );
    if (labels.length === 4 && ports.length === 0) return undefined;
    return { records, addresses, ports: [...new Set(ports.map(({ port }) => port))] };
  }

  #addressesOf({ target }: ServiceRecords): readonly string[] {
    switch (target.kind) {
      case 'ClusterIP':
        return target.externalAddresses;
      case 'Headless':
        return this.#config.headless ? target.endpoints.map(({ address }) => address) : [];
      case 'ExternalName':
        return [];
    }
  }

  #answer(query: Query, spelled: Name, { records, addresses, ports }: ExternalService): Reply {
    const glue = (name: Name): readonly ResourceRecord[] =>
      [...new Set(addresses)].flatMap((address) => {
        const octets = parseAddress(address);
        if (!octets) return [];
        const type = octets.length === 4 ? recordType.A : recordType.AAAA;
        return [this.#record(name, type, { kind: 'Address', octets })];
      });
    if (query.type === recordType.SRV) {
      const target = [records.name, records.namespace, ...spelled];
      const weight = Math.max(1, Math.floor(100 / Math.max(1, addresses.length * ports.length)));
      const answers = ports.map((port) =>
        this.#record(query.name, recordType.SRV, {
          kind: 'SRV',
          priority: 0,
          weight,
          port,
          target,
        }),
      );
      if (answers.length === 0) return this.#denial(spelled, 0);
      return replyWith(this.name, { authoritative: true, answers, additionals: glue(target) });
    }
    const answers = glue(query.name).filter(({ type }) => type === query.type);
    if (answers.length === 0) return this.#denial(spelled, 0);
    const reuse = { kind: 'table', service: `${records.namespace}/${records.name}` } as const;
    return replyWith(this.name, { authoritative: true, answers, reuse });
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

function portsOf({
  target,
}: ServiceRecords): readonly { name: string; protocol: string; port: number }[] {
  switch (target.kind) {
    case 'ClusterIP':
      return target.ports;
    case 'Headless':
      return target.endpoints.flatMap(({ ports }) => ports);
    case 'ExternalName':
      return [];
  }
}
