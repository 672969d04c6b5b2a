import { PortolanError, seededRandom, silentLog } from '../../controller/base/index.ts';
import type { ServiceBundle } from '../../controller/objects/index.ts';
import { type ZoneChanges, ZoneCompiler } from '../../dns/compile/index.ts';
import { type CorefileSource, parseCorefile } from '../../dns/corefile/index.ts';
import { explain, parseQuestion } from '../../dns/explain/index.ts';
import type { Exchange } from '../../dns/plugins/forward/exchange.ts';
import { ZoneIndex } from '../../dns/plugins/kubernetes/zone-index.ts';
import { ServerMetrics } from '../../dns/server/metrics.ts';
import { planBlocks } from '../../dns/server/plan.ts';
import { Responder } from '../../dns/server/responder.ts';
import { Router } from '../../dns/server/router.ts';
import { Site } from '../../dns/server/site.ts';
import {
  decodeMessage,
  encodeMessage,
  type Message,
  type recordType,
} from '../../dns/wire/index.ts';
import { FakeClock } from '../fakes/clock.ts';
import { MemoryMeter } from '../fakes/meter.ts';
import { ProblemBook } from '../fakes/problems.ts';
import { type Answer, formatAnswer } from './format.ts';
import { type AskOptions, encodeQuery } from './server-without-sockets.ts';

/** What the world beyond `forward` answers; undefined: nothing. */
export type Outside = (request: Message, upstream: string) => Partial<Message> | undefined;

/** Files by path. */
export type Files = Readonly<Record<string, string>>;

/** A source of Corefiles that reads from memory. */
export function memorySource(files: Files = {}): CorefileSource {
  return {
    read: (path) => {
      const text = files[path];
      if (text === undefined) throw new Error(`no such file: ${path}`);
      return text;
    },
    glob: (pattern) => {
      const [before = '', after = ''] = pattern.split('*');
      return Object.keys(files)
        .filter((path) => path.startsWith(before) && path.endsWith(after))
        .toSorted();
    },
    environment: (name) => ({ NAME: 'value' })[name],
  };
}

/** A Corefile at work, from octets to octets, without sockets. */
export class CorefileServer implements AsyncDisposable {
  readonly meter: MemoryMeter = new MemoryMeter();
  readonly clock: FakeClock = new FakeClock();
  readonly problems: ProblemBook = new ProblemBook();
  readonly lines: string[] = [];
  /** Names that were asked outside. */
  readonly asked: string[] = [];
  /** How upstreams were asked. */
  readonly transports: string[] = [];
  readonly responder: Responder;
  readonly #cluster: ZoneIndex = new ZoneIndex();
  readonly #compiler: ZoneCompiler = new ZoneCompiler({ labels: true });
  readonly #site: Site;

  private constructor(text: string, outside: Outside) {
    const exchange: Exchange = async (attempt) => {
      const request = decodeMessage(attempt.request);
      this.asked.push(request.questions[0]?.name.join('.') ?? '');
      this.transports.push(attempt.transport);
      const answer = outside(request, attempt.upstream.host);
      const octets = answer && encodeMessage({ ...request, response: true, ...answer });
      if (octets && attempt.accepts(octets)) return octets;
      throw new PortolanError('UpstreamFailed', 'no answer');
    };
    this.#site = new Site(planBlocks(parseCorefile(text, 'Corefile', memorySource())), {
      log: { ...silentLog, info: (_, message) => void this.lines.push(message) },
      meter: this.meter,
      clock: this.clock,
      random: seededRandom(1),
      problems: this.problems,
      cluster: this.#cluster,
      forwarding: { random: seededRandom(1), exchange, randomId: () => 0x1234 },
      forgetReplies: () => this.responder.memo.clear(),
      listening: () => [],
    });
    this.responder = new Responder({
      router: new Router(this.#site.blocks.flatMap(({ routes }) => routes)),
      metrics: new ServerMetrics(this.meter, 'dns://:53'),
      log: silentLog,
      clock: this.clock,
    });
  }

  /** @throws ConfigError when the Corefile is wrong */
  static async start(text: string, outside: Outside = () => undefined): Promise<CorefileServer> {
    const server = new CorefileServer(text, outside);
    await server.#site.start();
    return server;
  }

  /** Applies these Services. */
  load(upserted: readonly ServiceBundle[], more: Partial<ZoneChanges> = {}): this {
    const { table, diff } = this.#compiler.update(
      {
        bundles: { upserted, removed: [] },
        namespaces: { upserted: [], removed: [] },
        ...more,
      },
      1_767_225_600,
    );
    this.#cluster.apply(table, diff);
    this.responder.memo.apply(diff);
    return this;
  }

  /** What `portolan explain` would print. */
  async explain(name: string, type?: string, client?: string): Promise<string> {
    return await explain(this.#site, parseQuestion(name, type, client));
  }

  /** Every message that a stream gets for one question, in order. */
  async messages(
    name: string,
    type: keyof typeof recordType,
    options?: AskOptions & { readonly from?: string },
  ): Promise<readonly Message[]> {
    const { transport = 'tcp', from = '127.0.0.1' } = options ?? {};
    const octets: Buffer[] = [];
    const last = await this.responder.respond(encodeQuery(name, type, options), {
      transport,
      client: { address: from, port: 40_000 },
      family: 4,
      send: (one) => void octets.push(one),
    });
    return [...octets, ...(last ? [last] : [])].map((one) => decodeMessage(one));
  }

  /** The whole reply; undefined: there is none. */
  async message(
    name: string,
    type: keyof typeof recordType = 'A',
    options?: AskOptions & { readonly from?: string },
  ): Promise<Message | undefined> {
    const { transport = 'udp', from = '127.0.0.1' } = options ?? {};
    const client = { address: from, port: 40_000 };
    const family = from.includes(':') ? 6 : 4;
    const octets = encodeQuery(name, type, options);
    const response = await this.responder.respond(octets, { transport, client, family });
    return response && decodeMessage(response);
  }

  /** The reply as a table row has it. */
  async ask(...asked: Parameters<CorefileServer['message']>): Promise<Answer | undefined> {
    const message = await this.message(...asked);
    return message && formatAnswer(message);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#site[Symbol.asyncDispose]();
  }
}
