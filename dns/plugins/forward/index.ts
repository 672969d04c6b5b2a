import { setMaxListeners } from 'node:events';
import { readFileSync } from 'node:fs';
import { PortolanError, type Problem } from '../../../controller/base/index.ts';
import { isWithin, type Message, rcode, recordType } from '../../wire/index.ts';
import type { PluginKind } from '../kind.ts';
import type { Eventually, Next, Plugin, PluginContext, Query, Reply } from '../plugin.ts';
import { replyWith } from '../reply.ts';
import type { ForwardConfig } from './config.ts';
import { Connections, type TlsClient } from './connections.ts';
import { ForwardMetrics } from './metrics.ts';
import { forwardOptions, parseForward } from './parse.ts';
import { UpstreamPool } from './pool.ts';
import { HttpsClient } from './https-client.ts';
import { loopProblem, noUpstreamProblem, unreadableProblem } from './problems.ts';
import { decodeAnswer, encodeCheck, encodeRequest, replyFrom } from './request.ts';
import { type ResolvConf, ResolvConfWatch } from './resolv-conf.ts';
import { formatUpstream, isOwnAddress, parseUpstream, type Upstream } from './upstream.ts';

export { defaultForward, type ForwardConfig } from './config.ts';

/** Names that other resolvers know. */
export const forward: PluginKind = {
  name: 'forward',
  repeats: true,
  options: forwardOptions,
  setup: (lines, scope) =>
    lines.map((line, i) => {
      const config = parseForward(line, scope);
      // Behind the last line stands no other to ask.
      const last = i === lines.length - 1 ? { next: [], nextOnNodata: false } : {};
      return (context) => new ForwardPlugin({ ...config, ...last }, context);
    }),
};

/** All attempts for one query. glibc gives up on us after 5 s. */
const queryTimeoutMs = 5000;
const checkTimeoutMs = 1000;

/** Hands queries to other resolvers. */
export class ForwardPlugin implements Plugin {
  readonly name = 'forward';
  readonly #config: ForwardConfig;
  readonly #context: PluginContext;
  readonly #metrics: ForwardMetrics;
  readonly #pool: UpstreamPool;
  readonly #connections: Connections;
  readonly #https: HttpsClient;
  readonly #watch: ResolvConfWatch | undefined;
  readonly #from: string;
  /** As configured, our own address included: where we listen may only be known later. */
  #candidates: ResolvConf = { kind: 'read', upstreams: [] };
  #checkedListening = '';
  #inFlight = 0;
  readonly #stop: AbortController = new AbortController();

  /** @throws ConfigError `BadUpstream`; what reading the TLS files throws */
  constructor(config: ForwardConfig, context: PluginContext) {
    this.#config = config;
    this.#context = context;
    this.#metrics = new ForwardMetrics(context.meter);
    // One for each attempt under way; the warning is meant for leaks.
    setMaxListeners(config.maxConcurrent, this.#stop.signal);
    this.#pool = new UpstreamPool({
      policy: config.policy,
      maxFails: config.maxFails,
      checkIntervalMs: config.healthCheck.intervalMs,
      clock: context.clock,
      random: context.forwarding.random,
      check: (upstream) => this.#check(upstream),
      onCheckFailed: (upstream) => this.#metrics.checkFailed(formatUpstream(upstream)),
    });
    const tls = tlsClient(config.tls);
    const { expireMs: idleMs, maxAgeMs, maxIdleConns: maxIdle, sourceAddress } = config;
    const { clock } = context;
    this.#connections = new Connections({ clock, idleMs, maxAgeMs, maxIdle, sourceAddress, tls });
    this.#https = new HttpsClient({ tls, idleMs, method: config.dohMethod, sourceAddress });
    if (typeof config.upstreams === 'string') {
      this.#from = config.upstreams;
      this.#watch = new ResolvConfWatch(config.upstreams, context.clock, (now) => {
        this.#candidates = now;
        this.#refresh();
      });
    } else {
      this.#from = 'the list of upstreams';
      this.#candidates = { kind: 'read', upstreams: config.upstreams.map(parseUpstream) };
    }
  }

  /** Resolves once upstreams are known. */
  async start(): Promise<void> {
    await this.#watch?.start();
    this.#refresh();
  }

  readonly handle = (query: Query, next: Next): Eventually<Reply> => {
    const { from, except, maxConcurrent, failFast } = this.#config;
    if (!isWithin(query.lower, from)) return next(query);
    if (except.some((zone) => isWithin(query.lower, zone))) return next(query);
    if (query.type === recordType.AXFR || query.type === recordType.IXFR) return next(query);
    this.#noticeOwnAddresses();
    if (this.#pool.upstreams.length === 0) return next(query);
    if (this.#inFlight >= maxConcurrent) {
      this.#metrics.rejects.inc();
      return replyWith(this.name, { rcode: rcode.REFUSED });
    }
    if (this.#pool.allDown) {
      this.#metrics.allBroken.inc();
      if (failFast) return replyWith(this.name, { rcode: rcode.SERVFAIL });
    }
    return this.#askOrPass(query, next);
  };

  readonly explain = ({ lower }: Query): readonly string[] => {
    const { from, except } = this.#config;
    if (!isWithin(lower, from) || except.some((zone) => isWithin(lower, zone))) return [];
    const upstreams = this.#pool.upstreams.map(formatUpstream);
    if (upstreams.length === 0) return [`there is no upstream in ${this.#from}`];
    const state = this.#pool.allDown ? ', all of them down' : '';
    return [`to ${upstreams.join(' ')}${state}`];
  };

  async [Symbol.asyncDispose](): Promise<void> {
    this.#watch?.[Symbol.dispose]();
    this.#pool[Symbol.dispose]();
    this.#stop.abort();
    this.#connections[Symbol.dispose]();
    await this.#https[Symbol.asyncDispose]();
    this.#context.problems.replace(this.#problemSource, []);
  }

  get #problemSource(): string {
    return `dns/forward/${this.#config.from.join('.') || '.'}`;
  }

  /** Where this server listens is known only after it was made, and may change. */
  #noticeOwnAddresses(): void {
    const listening = this.#context.listening();
    const seen =
      listening.length === 0 ? '' : listening.map(({ host, port }) => `${host} ${port}`).join();
    if (seen === this.#checkedListening) return;
    this.#refresh();
  }

  /** Leaves out upstreams that are this server itself. */
  #refresh(): void {
    const listening = this.#context.listening();
    this.#checkedListening = listening.map(({ host, port }) => `${host} ${port}`).join();
    const problems: Problem[] = [];
    const all = this.#candidates.kind === 'read' ? this.#candidates.upstreams : [];
    const usable = all.filter((upstream) => !isOwnAddress(upstream, listening));
    for (const own of all) if (!usable.includes(own)) problems.push(loopProblem(own, this.#from));
    if (this.#candidates.kind === 'unreadable') {
      // The last good list stays in force.
      problems.push(unreadableProblem(this.#from, this.#candidates.why));
    } else {
      this.#pool.replace(usable.map((upstream) => this.#named(upstream)));
      if (usable.length === 0) problems.push(noUpstreamProblem(this.#from));
    }
    this.#context.problems.replace(this.#problemSource, problems);
  }

  #named(upstream: Upstream): Upstream {
    const { tlsServerName } = this.#config;
    return upstream.tlsServerName === '' && tlsServerName !== undefined
      ? { ...upstream, tlsServerName }
      : upstream;
  }

  async #askOrPass(query: Query, next: Next): Promise<Reply> {
    const reply = await this.#ask(query);
    const { next: rcodes, nextOnNodata } = this.#config;
    const isNodata = reply.rcode === rcode.NOERROR && reply.answers.length === 0;
    const passes = rcodes.includes(reply.rcode) || (nextOnNodata && isNodata);
    return passes ? await next(query) : reply;
  }

  async #ask(query: Query): Promise<Reply> {
    this.#inFlight += 1;
    try {
      return await this.#askInTurn(query);
    } finally {
      this.#inFlight -= 1;
    }
  }

  async #askInTurn(query: Query): Promise<Reply> {
    const { failover, maxConnectAttempts } = this.#config;
    const deadlineMs = this.#context.clock.nowMs() + queryTimeoutMs;
    const order = this.#pool.order();
    let lastError: unknown;
    let lastAnswer: Message | undefined;
    for (const upstream of order.slice(0, maxConnectAttempts || order.length)) {
      const leftMs = deadlineMs - this.#context.clock.nowMs();
      if (leftMs <= 0 || this.#stop.signal.aborted) break;
      try {
        const message = await this.#askOne(query, upstream, leftMs);
        this.#pool.answered(upstream);
        if (!failover.includes(message.rcode)) return replyFrom(message, query);
        lastAnswer = message;
      } catch (error) {
        this.#pool.failed(upstream);
        lastError = error;
      }
    }
    if (lastAnswer) return replyFrom(lastAnswer, query);
    throw new PortolanError('NoUpstreamAnswers', 'no upstream answers', { cause: lastError });
  }

  /** By the client's transport unless told otherwise; a truncated answer is asked for over TCP. */
  async #askOne(query: Query, upstream: Upstream, leftMs: number): Promise<Message> {
    const { forceTcp, preferUdp, readTimeoutMs } = this.#config;
    const timeoutMs = Math.min(leftMs, readTimeoutMs);
    const overTcp = forceTcp || (query.transport !== 'udp' && !preferUdp);
    const message = await this.#attempt(query, upstream, overTcp ? 'tcp' : 'udp', timeoutMs);
    if (!message.truncated || overTcp) return message;
    try {
      return await this.#attempt(query, upstream, 'tcp', timeoutMs);
    } catch {
      // TC tells the client to come back over TCP, which is the best left to say.
      return message;
    }
  }

  async #attempt(
    query: Query,
    upstream: Upstream,
    transport: 'udp' | 'tcp',
    timeoutMs: number,
  ): Promise<Message> {
    const { randomId, exchange } = this.#context.forwarding;
    const id = randomId();
    const startedMs = this.#context.clock.nowMs();
    let answer: Message | undefined;
    const accepts = (octets: Buffer): boolean => {
      answer ??= decodeAnswer(octets, query, id);
      return answer !== undefined;
    };
    const request = encodeRequest(query, id);
    const { signal } = this.#stop;
    const parts = { connections: this.#connections, https: this.#https };
    await exchange({ upstream, transport, request, timeoutMs, accepts, signal, ...parts });
    if (!answer)
      throw new PortolanError('UpstreamFailed', `${formatUpstream(upstream)}: no answer`);
    const tookMs = this.#context.clock.nowMs() - startedMs;
    this.#metrics.answered(formatUpstream(upstream), answer.rcode, tookMs);
    return answer;
  }

  /** Any answer will do, even SERVFAIL: something lives there. */
  async #check(upstream: Upstream): Promise<boolean> {
    const { randomId, exchange } = this.#context.forwarding;
    const { name, recursionDesired } = this.#config.healthCheck;
    const id = randomId();
    const accepts = (octets: Buffer): boolean =>
      octets.length >= 12 && octets.readUInt16BE(0) === id && (octets.readUInt8(2) & 0x80) !== 0;
    try {
      await exchange({
        upstream,
        transport: this.#config.forceTcp ? 'tcp' : 'udp',
        request: encodeCheck(name, recursionDesired, id),
        timeoutMs: checkTimeoutMs,
        accepts,
        signal: this.#stop.signal,
        connections: this.#connections,
        https: this.#https,
      });
      return true;
    } catch {
      // Why does not matter: the query that started the checks has said it.
      return false;
    }
  }
}

function tlsClient({ caFile, certFile, keyFile }: ForwardConfig['tls']): TlsClient {
  return {
    ...(caFile !== undefined && { ca: readFileSync(caFile, 'utf8') }),
    ...(certFile !== undefined && { cert: readFileSync(certFile, 'utf8') }),
    ...(keyFile !== undefined && { key: readFileSync(keyFile, 'utf8') }),
  };
}
