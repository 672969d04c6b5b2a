import type { Problem } from '../../../controller/base/index.ts';
import { expectArgs, expectNoBlock } from '../../corefile/index.ts';
import { classIN, isWithin, type Name, formatName, rcode, recordType } from '../../wire/index.ts';
import { type PluginKind, pluginKind } from '../kind.ts';
import type { Eventually, Next, Plugin, PluginContext, Query, Reply } from '../plugin.ts';
import { replyWith } from '../reply.ts';

/** Seen more often than this, the probe goes round. */
const maxSightings = 2;
const firstProbeMs = 500;
const retryMs = 2000;
/** The probe's name is listened for no longer than this. */
const watchMs = 30_000;

/** Finds out whether forwarded queries come back. */
export const loop: PluginKind = pluginKind({
  name: 'loop',
  parse: (line, scope) => {
    expectArgs(line, 0, 0, 'loop');
    expectNoBlock(line);
    return scope.zones[0] ?? [];
  },
  create: (zone, context) => new LoopPlugin(zone, context),
});

/**
 * Asks itself for a name that nobody else asks for, and counts how often that query arrives. If
 * it goes round, queries for the zone are refused here, before they are forwarded, and a problem
 * says so; the daemon, which carries traffic too, lives on.
 */
class LoopPlugin implements Plugin {
  readonly name = 'loop';
  readonly repeatable = true;
  readonly #zone: Name;
  readonly #context: PluginContext;
  readonly #probe: Name;
  readonly #startedMs: number;
  #sightings = 0;
  #looping = false;
  #watching = true;
  #timer: Disposable | undefined;

  constructor(zone: Name, context: PluginContext) {
    this.#zone = zone;
    this.#context = context;
    const label = (): string => String(Math.floor(context.random() * 1e15) + 1);
    this.#probe = [label(), label(), ...zone];
    this.#startedMs = context.clock.nowMs();
  }

  async start(): Promise<void> {
    this.#schedule(firstProbeMs);
  }

  readonly handle = (query: Query, next: Next): Eventually<Reply> => {
    if (this.#watching && query.type === recordType.HINFO && isWithin(query.lower, this.#probe)) {
      this.#sightings += 1;
      if (this.#sightings > maxSightings) this.#found();
    }
    if (!this.#looping) return next(query);
    return replyWith(this.name, { rcode: rcode.SERVFAIL });
  };

  async [Symbol.asyncDispose](): Promise<void> {
    this.#timer?.[Symbol.dispose]();
    this.#context.problems.replace(this.#problemSource, []);
  }

  get #problemSource(): string {
    return `dns/loop/${formatName(this.#zone)}`;
  }

  #schedule(delayMs: number): void {
    this.#timer = this.#context.clock.schedule(delayMs, () => void this.#ask());
  }

  async #ask(): Promise<void> {
    const name = this.#probe;
    try {
      const reply = await this.#context.resolve({
        name,
        lower: name,
        type: recordType.HINFO,
        class: classIN,
        transport: 'udp',
        client: { address: '127.0.0.1', port: 0 },
        recursionDesired: true,
        authenticData: false,
        checkingDisabled: false,
        edns: undefined,
        depth: 0,
        message: { id: 0, opcode: 0, octets: 0 },
      });
      if (reply.rcode === rcode.SERVFAIL) throw new Error('no answer yet');
      // It came out at the far end; stragglers may still be on their way round.
      this.#timer = this.#context.clock.schedule(retryMs, () => this.#stopWatching());
    } catch {
      // Upstreams may come up later than we do.
      if (this.#context.clock.nowMs() - this.#startedMs < watchMs) this.#schedule(retryMs);
      else this.#stopWatching();
    }
  }

  #stopWatching(): void {
    this.#watching = false;
  }

  #found(): void {
    this.#looping = true;
    const problem: Problem = {
      severity: 'error',
      reason: 'ForwardLoop',
      message: `queries for ${formatName(this.#zone)} that are forwarded come back to this server; they are answered SERVFAIL`,
      instead:
        'forward to resolvers that do not ask this server; behind systemd-resolved that is /run/systemd/resolve/resolv.conf',
    };
    this.#context.problems.replace(this.#problemSource, [problem]);
  }
}
