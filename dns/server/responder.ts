import { randomBytes } from 'node:crypto';
import { type Clock, describeError, type Log } from '../../controller/base/index.ts';
import type { Eventually, Query, Reply, Transport } from '../plugins/plugin.ts';
import { replyWith } from '../plugins/reply.ts';
import {
  classIN,
  encodeMessage,
  formatName,
  formatType,
  lowerName,
  maxMessageOctets,
  type Message,
  opcode,
  type Question,
  rcode,
} from '../wire/index.ts';
import { Cookies } from './cookies.ts';
import { headerReply, judgeMessage } from './judge.ts';
import type { Served, ServerMetrics } from './metrics.ts';
import { paddingFor } from './padding.ts';
import { ReplyMemo } from './reply-memo.ts';
import type { Route, Router } from './router.ts';

/** RFC 1035 §4.2.1: what every client takes over UDP. */
const minUdpOctets = 512;
/** Fits a packet on any path, so that no reply is ever in fragments (DNS flag day 2020). */
const maxUdpOctets = 1232;

/** How octets came. */
export interface Arrival {
  readonly transport: Transport;
  readonly client: { readonly address: string; readonly port: number };
  readonly family: 4 | 6;
  /** Sends a message ahead of the last one, which `respond` gives; undefined: there is only one. */
  readonly send?: (octets: Buffer) => void;
}

export interface ResponderParts {
  readonly router: Router;
  readonly metrics: ServerMetrics;
  readonly log: Log;
  readonly clock: Clock;
  /** 16 octets that server cookies are made with; default: random. */
  readonly cookieSecret?: Buffer | undefined;
  /** Where it listens; undefined: nowhere in particular. */
  readonly server?: { readonly host: string; readonly port: number };
}

/** Octets in, octets out: everything about a message that is not its answer. No sockets. */
export class Responder {
  readonly #parts: ResponderParts;
  readonly #cookies: Cookies;
  #router: Router;
  readonly memo: ReplyMemo = new ReplyMemo();
  #inFlight = 0;
  #idle: PromiseWithResolvers<void> | undefined;

  constructor(parts: ResponderParts) {
    this.#parts = parts;
    this.#cookies = new Cookies(parts.cookieSecret ?? randomBytes(16), parts.clock);
    this.#router = parts.router;
  }

  get router(): Router {
    return this.#router;
  }

  /** Answers from these server blocks from now on; queries under way end where they began. */
  route(router: Router): void {
    this.#router = router;
    this.memo.clear();
  }

  /** Resolves once no answer is under way. */
  whenIdle(): Promise<void> {
    if (this.#inFlight === 0) return Promise.resolve();
    this.#idle ??= Promise.withResolvers<void>();
    return this.#idle.promise;
  }

  /** Undefined: no reply. At once, when the answer is in memory. Never throws or rejects. */
  respond(octets: Buffer, arrival: Arrival): Eventually<Buffer | undefined> {
    const startedMs = this.#parts.clock.nowMs();
    const remembered = this.memo.find(octets, arrival.transport, startedMs);
    if (remembered) {
      const response = Buffer.from(remembered.response);
      // The id is all in which two queries of one key differ.
      response[0] = octets[0] ?? 0;
      response[1] = octets[1] ?? 0;
      this.#parts.metrics.servedAgain(remembered.served, this.#parts.clock.nowMs() - startedMs);
      return response;
    }
    const judgement = judgeMessage(octets);
    if (judgement.kind === 'silence') return undefined;
    if (judgement.kind === 'rejected') {
      this.#parts.metrics.rejected(judgement.rcode);
      return headerReply(judgement.header, judgement.rcode);
    }
    const { message } = judgement;
    const [question] = message.questions;
    if (!question) return undefined;
    const cookie = this.#cookies.judge(message, arrival.client.address);
    if (cookie.kind === 'malformed') {
      const { header } = judgement;
      this.#parts.metrics.rejected(rcode.FORMERR);
      return headerReply(header, rcode.FORMERR);
    }
    const verified = cookie.kind === 'cookie' && cookie.verified;
    const query = { ...this.#queryOf(message, question, octets.length, arrival), verified };
    const route = this.#router.find(query);
    const finish = (found: Reply): Buffer | undefined => {
      if (found.silent) return undefined;
      const answered = cookie.kind === 'cookie' ? this.#withCookie(found, cookie, arrival) : found;
      for (const answers of answered.ahead ?? []) {
        arrival.send?.(encodeReply(message, { ...answered, answers }, arrival.transport));
      }
      const { reply, response } = this.#encode(message, question, answered, arrival.transport);
      reply.onSent?.(response.length);
      const served: Served = {
        zone: route?.label ?? 'dropped',
        view: route?.viewName ?? '',
        transport: arrival.transport,
        family: arrival.family,
        type: question.type,
        rcode: reply.rcode,
        plugin: reply.plugin,
        dnssecOk: message.edns?.dnssecOk ?? false,
        requestOctets: octets.length,
        responseOctets: response.length,
        durationMs: this.#parts.clock.nowMs() - startedMs,
      };
      this.#parts.metrics.served(served);
      if (reply.reuse && !reply.onSent && !this.#router.hasViews) {
        this.memo.remember(octets, arrival.transport, reply.reuse, { response, served });
      }
      return response;
    };
    const reply = this.#answer(message, query, route);
    return reply instanceof Promise ? this.#later(reply, question, finish) : finish(reply);
  }

  #queryOf(
    message: Message,
    { name, ...asked }: Question,
    octets: number,
    arrival: Arrival,
  ): Query {
    return {
      name,
      lower: lowerName(name),
      type: asked.type,
      class: asked.class,
      transport: arrival.transport,
      client: arrival.client,
      server: this.#parts.server,
      recursionDesired: message.recursionDesired,
      authenticData: message.authenticData,
      checkingDisabled: message.checkingDisabled,
      edns: message.edns,
      depth: 0,
      message: { id: message.id, opcode: message.opcode, octets, ixfrSerial: serialOf(message) },
    };
  }

  /** A cookie is for one client, so such a reply is good once. */
  #withCookie(reply: Reply, { client }: { readonly client: Buffer }, arrival: Arrival): Reply {
    const option = this.#cookies.option(client, arrival.client.address);
    return { ...reply, options: [...reply.options, option], reuse: undefined };
  }

  #answer(message: Message, query: Query, route: Route | undefined): Eventually<Reply> {
    if (message.edns && message.edns.version !== 0) return replyWith('', { rcode: rcode.BADVERS });
    // Nobody here follows another primary.
    if (message.opcode === opcode.NOTIFY) return replyWith('', { rcode: rcode.REFUSED });
    if (!route) return replyWith('', { rcode: rcode.REFUSED });
    if (query.class !== classIN && !route.anyClass) {
      return replyWith('', { rcode: rcode.REFUSED });
    }
    try {
      return route.chain(query);
    } catch (error) {
      return this.#panicked(query, error);
    }
  }

  /** A reply that can't be written is a fault of whoever made it. */
  #encode(
    request: Message,
    question: Question,
    reply: Reply,
    transport: Transport,
  ): { reply: Reply; response: Buffer } {
    try {
      return { reply, response: encodeReply(request, reply, transport) };
    } catch (error) {
      const failure = this.#panicked(question, error);
      return { reply: failure, response: encodeReply(request, failure, transport) };
    }
  }

  async #later(
    reply: Promise<Reply>,
    question: Question,
    finish: (reply: Reply) => Buffer | undefined,
  ): Promise<Buffer | undefined> {
    this.#inFlight += 1;
    try {
      const answered = await reply.catch((error: unknown) => this.#panicked(question, error));
      // The table may have changed since an answer from it was made.
      const isOld = answered.reuse?.kind === 'table';
      return finish(isOld ? { ...answered, reuse: undefined } : answered);
    } finally {
      this.#inFlight -= 1;
      if (this.#inFlight === 0) {
        this.#idle?.resolve();
        this.#idle = undefined;
      }
    }
  }

  /** A fault in a plugin costs one answer, not the server. */
  #panicked(question: Pick<Question, 'name' | 'type'>, error: unknown): Reply {
    this.#parts.metrics.panicked();
    this.#parts.log.error(
      {
        qname: formatName(question.name),
        qtype: formatType(question.type),
        stack: error instanceof Error ? error.stack : undefined,
      },
      `fault while answering: ${describeError(error)}`,
    );
    return replyWith('', { rcode: rcode.SERVFAIL });
  }
}

/** RFC 1995 §3: the client's SOA stands in Authority. */
function serialOf({ authorities: [soa] }: Message): number | undefined {
  return soa?.data.kind === 'SOA' ? soa.data.serial : undefined;
}

/** The whole message, padded where that hides something. */
function encodeReply(request: Message, reply: Reply, transport: Transport): Buffer {
  const bare = encodeWhole(request, reply, transport);
  const padding = paddingFor(request, transport, bare.length);
  if (!padding) return bare;
  return encodeWhole(request, { ...reply, options: [...reply.options, padding] }, transport);
}

/** Question and id as they came, OPT if and only if the client sent one. */
function encodeWhole(request: Message, reply: Reply, transport: Transport): Buffer {
  return encodeMessage(
    {
      id: request.id,
      opcode: request.opcode,
      rcode: reply.rcode,
      response: true,
      authoritative: reply.authoritative,
      truncated: reply.truncated,
      recursionDesired: reply.recursionDesired ?? request.recursionDesired,
      recursionAvailable: reply.recursionAvailable,
      authenticData: reply.authenticData,
      checkingDisabled: request.checkingDisabled,
      questions: request.questions,
      answers: reply.answers,
      authorities: reply.authorities,
      additionals: reply.additionals,
      edns: request.edns && {
        udpPayloadSize: maxUdpOctets,
        version: 0,
        dnssecOk: request.edns.dnssecOk,
        options: reply.options,
      },
    },
    transport === 'udp' ? udpLimit(request, reply) : maxMessageOctets,
  );
}

function udpLimit({ edns }: Message, { udpLimitOctets = maxUdpOctets }: Reply): number {
  return Math.min(Math.max(minUdpOctets, edns?.udpPayloadSize ?? minUdpOctets), udpLimitOctets);
}
