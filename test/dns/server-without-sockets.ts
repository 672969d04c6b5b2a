import { silentLog, type ListenAddress } from '../../controller/base/index.ts';
import type { ServiceBundle } from '../../controller/objects/index.ts';
import { ZoneCompiler, type ZoneChanges } from '../../dns/compile/index.ts';
import { ErrorsPlugin } from '../../dns/plugins/errors/index.ts';
import {
  defaultKubernetes,
  type KubernetesConfig,
  KubernetesPlugin,
} from '../../dns/plugins/kubernetes/index.ts';
import { ZoneIndex } from '../../dns/plugins/kubernetes/zone-index.ts';
import type { Handler, Plugin, PluginContext, Transport } from '../../dns/plugins/plugin.ts';
import { replyWith } from '../../dns/plugins/reply.ts';
import { buildChain, withDepthLimit } from '../../dns/server/chain.ts';
import { ServerMetrics } from '../../dns/server/metrics.ts';
import { Router } from '../../dns/server/router.ts';
import { Responder } from '../../dns/server/responder.ts';
import {
  decodeMessage,
  type Edns,
  encodeMessage,
  type Message,
  parseName,
  rcode,
  recordType,
  reverseZones,
} from '../../dns/wire/index.ts';
import { FakeClock } from '../fakes/clock.ts';
import { MemoryMeter } from '../fakes/meter.ts';
import { pluginContext } from './plugin-context.ts';

export interface AskOptions {
  readonly transport?: Transport;
  readonly edns?: Partial<Edns>;
  readonly class?: number;
  readonly authorities?: Message['authorities'];
}

/** The server from octets to octets, with a handler in place of other resolvers. */
export class ServerWithoutSockets {
  readonly meter: MemoryMeter = new MemoryMeter();
  readonly clock: FakeClock = new FakeClock();
  readonly responder: Responder;
  readonly compiler: ZoneCompiler = new ZoneCompiler();
  readonly #cluster: ZoneIndex = new ZoneIndex();
  listening: readonly ListenAddress[] = [{ name: 'dns', host: '127.0.0.1', port: 1053 }];

  constructor(outside: Handler = refuseAll, config: Partial<KubernetesConfig> = {}) {
    const context: PluginContext = {
      ...pluginContext(),
      meter: this.meter,
      clock: this.clock,
      cluster: this.#cluster,
      resolve: (query) => withDepthLimit(chain)(query),
      listening: () => this.listening,
    };
    const kubernetes = new KubernetesPlugin(
      {
        ...defaultKubernetes,
        fallthrough: [reverseZones.IPv4, reverseZones.IPv6],
        reverseZones: [reverseZones.IPv4, reverseZones.IPv6],
        ttlSec: 5,
        podsMode: 'insecure',
        ...config,
      },
      context,
    );
    const upstream: Plugin = {
      name: 'outside',
      handle: outside,
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
    const chain = buildChain([
      new ErrorsPlugin({ consolidate: [] }, context),
      kubernetes,
      upstream,
    ]);
    const metrics = new ServerMetrics(this.meter, 'dns://127.0.0.1:1053');
    const router = new Router([{ zone: [], label: '.', chain, anyClass: true }]);
    this.responder = new Responder({ router, metrics, log: silentLog, clock: this.clock });
  }

  /** Compiles and applies these Services, as of 2026-01-01 or `nowSec`. */
  load(
    upserted: readonly ServiceBundle[],
    more: Partial<ZoneChanges> & { removed?: readonly string[]; nowSec?: number } = {},
  ): this {
    const { table, diff } = this.compiler.update(
      {
        bundles: { upserted, removed: more.removed ?? [] },
        namespaces: more.namespaces ?? { upserted: [], removed: [] },
        ...(more.pods ? { pods: more.pods } : {}),
      },
      more.nowSec ?? 1_767_225_600,
    );
    this.#cluster.apply(table, diff);
    this.responder.memo.apply(diff);
    return this;
  }

  async ask(name: string, type: keyof typeof recordType, options?: AskOptions): Promise<Message> {
    const response = await this.askOctets(encodeQuery(name, type, options), options?.transport);
    if (!response) throw new Error('no reply');
    return decodeMessage(response);
  }

  async askOctets(octets: Buffer, transport: Transport = 'udp'): Promise<Buffer | undefined> {
    const client = { address: '127.0.0.1', port: 40_000 };
    return this.responder.respond(octets, { transport, client, family: 4 });
  }
}

const refuseAll: Handler = () => replyWith('outside', { rcode: rcode.REFUSED });

export function encodeQuery(
  name: string,
  type: keyof typeof recordType,
  options: AskOptions = {},
): Buffer {
  return encodeMessage({
    id: 4711,
    opcode: 0,
    rcode: 0,
    response: false,
    authoritative: false,
    truncated: false,
    recursionDesired: true,
    recursionAvailable: false,
    authenticData: false,
    checkingDisabled: false,
    questions: [{ name: parseName(name), type: recordType[type], class: options.class ?? 1 }],
    answers: [],
    authorities: options.authorities ?? [],
    additionals: [],
    edns: options.edns && {
      udpPayloadSize: 4096,
      version: 0,
      dnssecOk: false,
      options: [],
      ...options.edns,
    },
  });
}
