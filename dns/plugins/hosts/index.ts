import {
  type Directive,
  durationOf,
  expectArgs,
  expectNoBlock,
  integerOf,
  noArgs,
  oneArg,
  readOptions,
} from '../../corefile/index.ts';
import {
  classIN,
  formatAddress,
  isWithin,
  type Name,
  nameKey,
  parseAddress,
  rcode,
  readIPv4Reverse,
  readIPv6Reverse,
  type RecordData,
  recordType,
  reverseZones,
} from '../../wire/index.ts';
import { FileWatch } from '../file-watch.ts';
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
import { hostsLines, type HostsTable, parseHosts } from './table.ts';

/** Options in the order of the documentation. */
const hostsOptions = [
  'ttl',
  'reload',
  'no_reverse',
  'fallthrough',
  'fallthrough_unsupported',
] as const;

interface HostsConfig {
  /** Undefined: the inline lines are all there is. */
  readonly path: string | undefined;
  readonly inline: readonly (readonly string[])[];
  readonly zones: readonly Name[];
  readonly ttlSec: number;
  /** 0: never. */
  readonly reloadMs: number;
  readonly reverse: boolean;
  readonly fallthrough: Fallthrough;
  readonly passUnsupported: boolean;
}

/** Names from a hosts file and from lines of the Corefile. */
export const hosts: PluginKind = pluginKind({
  name: 'hosts',
  options: hostsOptions,
  parse: parseHostsLine,
  create: (config, context) => new HostsPlugin(config, context),
});

function parseHostsLine(line: Directive, scope: BlockScope): HostsConfig {
  const [file, ...zones] = line.args;
  const inline: (readonly string[])[] = [];
  const options: Directive[] = [];
  for (const one of line.block ?? []) {
    if (parseAddress(one.name.text)) {
      expectArgs(one, 1, 1000, 'ADDRESS NAME...');
      expectNoBlock(one);
      inline.push([one.name.text, ...one.args.map(({ text }) => text)]);
    } else {
      options.push(one);
    }
  }
  const config = {
    path: file || inline.length === 0 ? scope.path(file?.text ?? '/etc/hosts') : undefined,
    inline,
    zones: zonesOf(zones, scope),
    ttlSec: 3600,
    reloadMs: 5000,
    reverse: true,
    fallthrough: [] as Fallthrough,
    passUnsupported: false,
  };
  readOptions({ ...line, block: options }, {
    ttl: (one) => {
      config.ttlSec = integerOf(oneArg(one, 'ttl SECONDS'), 1, 65535);
    },
    reload: (one) => {
      config.reloadMs = durationOf(oneArg(one, 'reload DURATION'));
    },
    no_reverse: (one) => {
      config.reverse = !noArgs(one);
    },
    fallthrough: (one) => {
      config.fallthrough = readFallthrough(one);
    },
    fallthrough_unsupported: (one) => {
      config.passUnsupported = noArgs(one);
    },
  } satisfies Record<(typeof hostsOptions)[number], (one: Directive) => void>);
  return config;
}

class HostsPlugin implements Plugin {
  readonly name = 'hosts';
  readonly repeatable = true;
  readonly #config: HostsConfig;
  readonly #watch: FileWatch | undefined;
  #table: HostsTable;

  constructor(config: HostsConfig, context: PluginContext) {
    this.#config = config;
    this.#table = parseHosts(config.inline);
    if (config.path === undefined) return;
    const take = (text: string): void => {
      this.#table = parseHosts([...hostsLines(text), ...config.inline]);
    };
    this.#watch = new FileWatch({ path: config.path, intervalMs: config.reloadMs, take }, context);
  }

  async start(): Promise<void> {
    await this.#watch?.start();
  }

  readonly handle = (query: Query, next: Next): Eventually<Reply> => {
    if (query.class !== classIN || !closestZone(this.#config.zones, query.lower))
      return next(query);
    const names = this.#reverse(query);
    if (names) {
      return this.#answer(
        query,
        names.map((target) => ({ kind: 'Target', target })),
      );
    }
    if (isReverse(query.lower)) return next(query);
    const found = this.#lookUp(query.lower);
    if (!found) {
      if (fallsThrough(this.#config.fallthrough, query.lower)) return next(query);
      // There is no zone here whose SOA could say that the name does not exist.
      return replyWith(this.name, { rcode: rcode.SERVFAIL });
    }
    const isAddress = query.type === recordType.A || query.type === recordType.AAAA;
    if (!isAddress && this.#config.passUnsupported) return next(query);
    const octets = query.type === recordType.A ? found.A : isAddress ? found.AAAA : [];
    return this.#answer(
      query,
      octets.map((one) => ({ kind: 'Address', octets: one })),
    );
  };

  async [Symbol.asyncDispose](): Promise<void> {
    this.#watch?.[Symbol.dispose]();
  }

  #answer(query: Query, data: readonly RecordData[]): Reply {
    const { ttlSec } = this.#config;
    return replyWith(this.name, {
      authoritative: true,
      answers: data.map((one) => ({
        name: query.lower,
        type: query.type,
        class: classIN,
        ttlSec,
        data: one,
      })),
    });
  }

  /** The very name, else the wildcard one label above. */
  #lookUp(lower: Name): ReturnType<HostsTable['byName']['get']> {
    const { byName } = this.#table;
    return byName.get(nameKey(lower)) ?? byName.get(nameKey(['*', ...lower.slice(1)]));
  }

  #reverse(query: Query): readonly Name[] | undefined {
    if (!this.#config.reverse || query.type !== recordType.PTR) return undefined;
    const labels = query.lower.slice(0, -2);
    const read = isWithin(query.lower, reverseZones.IPv4)
      ? readIPv4Reverse(labels)
      : isWithin(query.lower, reverseZones.IPv6)
        ? readIPv6Reverse(labels)
        : undefined;
    if (read?.kind !== 'address') return undefined;
    return this.#table.byAddress.get(formatAddress(read.octets));
  }
}

function isReverse(lower: Name): boolean {
  return isWithin(lower, reverseZones.IPv4) || isWithin(lower, reverseZones.IPv6);
}
