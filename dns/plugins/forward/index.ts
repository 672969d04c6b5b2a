import { randomInt } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import {
  type BoundCounter,
  type Clock,
  PortolanError,
  type Problem,
  type Random,
} from '../../../controller/base/index.ts';
import { type Message, rcode, recordType } from '../../wire/index.ts';
import type {
  Eventually,
  Next,
  Plugin,
  PluginContext,
  Query,
  Reply,
  Transport,
} from '../plugin.ts';
import { replyWith } from '../reply.ts';
import { type Exchange, socketExchange } from './exchange.ts';
import { ForwardMetrics } from './metrics.ts';
import { isOwnAddress } from './own-address.ts';
import { UpstreamPool } from './pool.ts';
import { decodeAnswer, encodeRequest, replyFrom } from './request.ts';
import { type ResolvConf, ResolvConfWatch } from './resolv-conf.ts';
import { formatUpstream, parseUpstream, type Upstream } from './upstream.ts';

/** One attempt; the next upstream is asked after it. */
const attemptTimeoutMs = 2000;
/** All attempts for one query. glibc gives up on us after 5 s. */
const queryTimeoutMs = 5000;
/** Each holds a socket. Beyond: REFUSED, so that the client asks another server at once. */
const maxInFlight = 1000;

const problemSource = 'dns/forward';

export interface ForwardConfig {
  /** Path of a resolv.conf, which is watched, or addresses (`192.0.2.1`, `192.0.2.1:5353`). */
  readonly upstreams: string | readonly string[];
}

/** Where attempts go to; tests put their own in. */
export interface ForwardParts {
  readonly random: Random;
  readonly exchange: Exchange;
  /** Ids must not be guessed (RFC 5452): 16 bits from the system's generator. */
  readonly randomId: () => number;
}

export function forwardParts(clock: Clock, random: Random): ForwardParts {
  return { random, exchange: socketExchange(clock), randomId: () => randomInt(0x10000) };
}

/** Hands queries to other resolvers. */
export class ForwardPlugin implements Plugin {
  readonly name = 'forward';
  readonly #context: PluginContext;
  readonly #parts: ForwardParts;
  readonly #metrics: ForwardMetrics;
  readonly #rejects: BoundCounter;
  readonly #pool: UpstreamPool;
  readonly #watch: ResolvConfWatch | undefined;
  readonly #from: string;
  /** As configured, our own address included: where we listen may only be known later. */
  #candidates: ResolvConf = { kind: 'read', upstreams: [] };
  #inFlight = 0;
  readonly #stop: AbortController = new AbortController();

  /** @throws ConfigError `BadUpstream` */
  constructor(config: ForwardConfig, context: PluginContext, parts: ForwardParts) {
    this.#context = context;
    this.#parts = parts;
    this.#metrics = new ForwardMetrics(context.meter);
    this.#rejects = this.#metrics.rejects;
    // One for each attempt under way; the warning is meant for leaks.
    setMaxListeners(maxInFlight, this.#stop.signal);
    this.#pool = new UpstreamPool(context.clock, parts.random);
    if (typeof config.upstreams === 'string') {
      this.#from = config.upstreams;
      this.#watch = new ResolvConfWatch(config.upstreams, context.clock, (now) => {
        this.#candidates = now;
        this.refresh();
      });
    } else {
      this.#from = 'the list of upstreams';
      this.#candidates = { kind: 'read', upstreams: config.upstreams.map(parseUpstream) };
    }
  }

  /** Resolves once upstreams are known. */
  async start(): Promise<void> {
    await this.#watch?.start();
    this.refresh();
  }

  /** Leaves out upstreams that are this server itself; call again when it listens elsewhere. */
  refresh(): void {
    const listening = this.#context.listening();
    const problems: Problem[] = [];
    const all = this.#candidates.kind === 'read' ? this.#candidates.upstreams : [];
    const usable = all.filter((upstream) => !isOwnAddress(upstream, listening));
    for (const own of all) if (!usable.includes(own)) problems.push(loopProblem(own, this.#from));
    if (this.#candidates.kind === 'unreadable') {
      // The last good list stays in force.
      problems.push(unreadableProblem(this.#from, this.#candidates.why));
    } else {
      this.#pool.replace(usable);
      if (usable.length === 0) problems.push(noUpstreamProblem(this.#from));
    }
    this.#context.problems.replace(problemSource, problems);
  }

  readonly handle = (query: Query, next: Next): Eventually<Reply> => {
    if (this.#pool.upstreams.length === 0) return next(query);
    if (query.type === recordType.AXFR || query.type === recordType.IXFR) return next(query);
    if (this.#inFlight >= maxInFlight) {
      this.#rejects.inc();
      return replyWith(this.name, { rcode: rcode.REFUSED });
    }
    return this.#ask(query);
  };

  async [Symbol.asyncDispose](): Promise<void> {
    this.#watch?.[Symbol.dispose]();
    this.#stop.abort();
    this.#context.problems.replace(problemSource, []);
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
    const deadlineMs = this.#context.clock.nowMs() + queryTimeoutMs;
    let lastError: unknown;
    for (const upstream of this.#pool.order()) {
      const leftMs = deadlineMs - this.#context.clock.nowMs();
      if (leftMs <= 0 || this.#stop.signal.aborted) break;
      try {
        const message = await this.#askOne(query, upstream, leftMs);
        this.#pool.answered(upstream);
        return replyFrom(message, query);
      } catch (error) {
        this.#pool.failed(upstream);
        lastError = error;
      }
    }
    throw new PortolanError('NoUpstreamAnswers', 'no upstream answers', { cause: lastError });
  }

  /** By the client's transport; a truncated answer is asked for again over TCP. */
  async #askOne(query: Query, upstream: Upstream, leftMs: number): Promise<Message> {
    const timeoutMs = Math.min(leftMs, attemptTimeoutMs);
    const message = await this.#attempt(query, upstream, query.transport, timeoutMs);
    if (!message.truncated || query.transport === 'tcp') return message;
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
    transport: Transport,
    timeoutMs: number,
  ): Promise<Message> {
    const id = this.#parts.randomId();
    const startedMs = this.#context.clock.nowMs();
    let answer: Message | undefined;
    const accepts = (octets: Buffer): boolean => {
      answer ??= decodeAnswer(octets, query, id);
      return answer !== undefined;
    };
    const request = encodeRequest(query, id);
    const { signal } = this.#stop;
    await this.#parts.exchange({ upstream, transport, request, timeoutMs, accepts, signal });
    if (!answer)
      throw new PortolanError('UpstreamFailed', `${formatUpstream(upstream)}: no answer`);
    const tookMs = this.#context.clock.nowMs() - startedMs;
    this.#metrics.answered(formatUpstream(upstream), answer.rcode, tookMs);
    return answer;
  }
}

function loopProblem(upstream: Upstream, from: string): Problem {
  return {
    severity: 'error',
    reason: 'ForwardLoop',
    message: `${from} names ${formatUpstream(upstream)}, which is this server; it is not asked`,
    instead: 'name the resolvers of the network, or another file, as upstreams',
  };
}

function unreadableProblem(from: string, why: string): Problem {
  return {
    severity: 'error',
    reason: 'UnreadableFile',
    message: `upstream resolvers can't be read from ${from}: ${why}`,
    instead: 'name a resolv.conf that exists, or addresses',
  };
}

function noUpstreamProblem(from: string): Problem {
  return {
    severity: 'warning',
    reason: 'NoUpstream',
    message: `${from} names no resolver; names outside the cluster are refused`,
    instead: 'add a nameserver line, or name the addresses of resolvers',
  };
}
