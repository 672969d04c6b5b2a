import { silentLog, type ListenAddress } from '../../controller/base/index.ts';
import type { ServiceBundle } from '../../controller/objects/index.ts';
import { ZoneCompiler, type ZoneChanges } from '../../dns/compile/index.ts';
import { ErrorsPlugin } from '../../dns/plugins/errors/index.ts';
import { type KubernetesConfig, KubernetesPlugin } from '../../dns/plugins/kubernetes/index.ts';
import type { Handler, Plugin, PluginContext, Transport } from '../../dns/plugins/plugin.ts';
import { replyWith } from '../../dns/plugins/reply.ts';
import { buildChain, withDepthLimit } from '../../dns/server/chain.ts';
import { ServerMetrics } from '../../dns/server/metrics.ts';
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
import { ProblemBook } from '../fakes/problems.ts';

export interface AskOptions {
  readonly transport?: Transport;
  readonly edns?: Partial<Edns>;
  readonly class?: number;
}

/** The server from octets to octets, with a handler in place of other resolvers. */
export class ServerWithoutSockets {
  readonly meter: MemoryMeter = new MemoryMeter();
  readonly clock: FakeClock = new FakeClock();
  readonly responder: Responder;
  readonly compiler: ZoneCompiler = new ZoneCompiler();
  readonly #kubernetes: KubernetesPlugin;
  listening: readonly ListenAddress[] = [{ name: 'dns', host: '127.0.0.1', port: 1053 }];

  constructor(outside: Handler = refuseAll, config: Partial<KubernetesConfig> = {}) {
    const context: PluginContext = {
      log: silentLog,
      meter: this.meter,
      clock: this.clock,
      problems: new ProblemBook(),
      resolve: (query) => withDepthLimit(chain)(query),
      listening: () => this.listening,
    };
    this.#kubernetes = new KubernetesPlugin(
      {
        zone: ['cluster', 'local'],
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
    const chain = buildChain([new ErrorsPlugin(context), this.#kubernetes, upstream]);
    const metrics = new ServerMetrics(this.meter, 'dns://127.0.0.1:1053');
    this.responder = new Responder({ chain, metrics, log: silentLog, clock: this.clock });
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
    this.#kubernetes.apply(table, diff);
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
    authorities: [],
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
