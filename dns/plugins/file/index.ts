import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import {
  type Directive,
  durationOf,
  expectArgs,
  noArgs,
  oneArg,
  readOptions,
} from '../../corefile/index.ts';
import {
  classIN,
  type Name,
  rcode,
  recordType,
  type ResourceRecord,
  sameName,
} from '../../wire/index.ts';
import { parseZoneFile } from '../../zonefile/index.ts';
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
import { thenReply } from '../reply-later.ts';
import { replyWith } from '../reply.ts';
import { answerFrom } from './answer.ts';
import { Zone } from './zone.ts';

/** Options in the order of the documentation. */
const fileOptions = ['reload', 'reload_by_mtime', 'fallthrough'] as const;

interface FileConfig {
  readonly path: string;
  readonly zones: readonly Name[];
  /** 0: never. */
  readonly reloadMs: number;
  readonly fallthrough: Fallthrough;
}

/** Zones from master files (RFC 1035 §5). */
export const file: PluginKind = pluginKind({
  name: 'file',
  repeats: true,
  options: fileOptions,
  parse: parseFileLine,
  create: (config, context) => new FilePlugin(config, context),
});

function parseFileLine(line: Directive, scope: BlockScope): FileConfig {
  expectArgs(line, 1, 1000, 'file FILE [ZONES...]');
  const [path, ...zones] = line.args;
  const config = {
    path: scope.path(path?.text ?? ''),
    zones: zonesOf(zones, scope),
    reloadMs: 60_000,
    fallthrough: [] as Fallthrough,
  };
  readOptions(line, {
    reload: (one) => {
      config.reloadMs = durationOf(oneArg(one, 'reload DURATION'));
    },
    // Files are always compared by time and size, whatever their serial says.
    reload_by_mtime: (one) => void noArgs(one),
    fallthrough: (one) => {
      config.fallthrough = readFallthrough(one);
    },
  } satisfies Record<(typeof fileOptions)[number], (one: Directive) => void>);
  return config;
}

class FilePlugin implements Plugin {
  readonly name = 'file';
  readonly repeatable = true;
  readonly #config: FileConfig;
  readonly #context: PluginContext;
  readonly #watch: FileWatch;
  /** One for each zone name that the file serves. */
  #zones: ReadonlyMap<Name, Zone> = new Map();

  constructor(config: FileConfig, context: PluginContext) {
    this.#config = config;
    this.#context = context;
    const take = (text: string): void => {
      this.#zones = new Map(config.zones.map((zone) => [zone, this.#read(text, zone)]));
    };
    this.#watch = new FileWatch({ path: config.path, intervalMs: config.reloadMs, take }, context);
  }

  ready(): boolean {
    return this.#zones.size > 0;
  }

  async start(): Promise<void> {
    await this.#watch.start();
  }

  readonly transfer = (name: Name): (() => readonly ResourceRecord[]) | undefined => {
    const apex = this.#config.zones.find((one) => sameName(one, name));
    const zone = apex && this.#zones.get(apex);
    return zone && (() => [...zone.records(), zone.soa]);
  };

  readonly handle = (query: Query, next: Next): Eventually<Reply> => {
    const apex = query.class === classIN ? closestZone(this.#config.zones, query.lower) : undefined;
    if (!apex) return next(query);
    const zone = this.#zones.get(apex);
    // Nothing could be read so far: what the zone holds is not known.
    if (!zone) return replyWith(this.name, { rcode: rcode.SERVFAIL });
    if (query.type === recordType.AXFR || query.type === recordType.IXFR) {
      return replyWith(this.name, { rcode: rcode.REFUSED });
    }
    const reply = answerFrom(zone, query, (asked) => this.#context.resolve(asked));
    return thenReply(reply, (found) => {
      const isDenied = found.rcode === rcode.NXDOMAIN && found.answers.length === 0;
      return isDenied && fallsThrough(this.#config.fallthrough, query.lower) ? next(query) : found;
    });
  };

  async [Symbol.asyncDispose](): Promise<void> {
    this.#watch[Symbol.dispose]();
  }

  #read(text: string, origin: Name): Zone {
    const folder = dirname(this.#config.path);
    const include = (path: string): string => readFileSync(resolve(folder, path), 'utf8');
    return new Zone(origin, parseZoneFile(text, origin, include));
  }
}
