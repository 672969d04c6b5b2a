import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Clock, Log, Random } from '../base/index.ts';
import type { LeaseLock } from '../cluster/index.ts';
import type { SpeakerRequest } from './speaker/protocol.ts';
import { monotonicMs } from './speaker/monotonic.ts';
import type { VirtualRouterSpec, WitnessSpec } from './speaker/virtual-router.ts';
import { Witness } from './witness.ts';

export interface WitnessesOptions {
  readonly nodeName: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly leaseLock?: (name: string) => LeaseLock;
}

interface Running {
  readonly witness: Witness;
  readonly spec: WitnessSpec;
}

/** The witnesses of this node's virtual routers, and what they tell the speaker. */
export class Witnesses implements AsyncDisposable {
  readonly #options: WitnessesOptions;
  readonly #send: (request: SpeakerRequest) => void;
  readonly #identity: string;
  readonly #running = new Map<string, Running>();
  /** Those that give their Lease up; a new one for the same router waits for the old to run out. */
  readonly #ending = new Set<Promise<void>>();

  constructor(options: WitnessesOptions, send: (request: SpeakerRequest) => void) {
    this.#options = options;
    this.#send = send;
    // As client-go: a daemon that comes back must not take the Lease of its former self.
    this.#identity = `${options.nodeName}_${randomUUID()}`;
  }

  /** Makes those of these routers all that there are. */
  apply(specs: readonly VirtualRouterSpec[]): void {
    const wanted = new Map(specs.map(({ name, witness }) => [name, witness]));
    for (const [name, { witness, spec }] of this.#running) {
      if (isDeepStrictEqual(wanted.get(name), spec)) continue;
      this.#running.delete(name);
      this.#end(witness);
    }
    for (const [name, spec] of wanted) {
      if (spec && !this.#running.has(name)) this.#start(name, spec);
    }
  }

  /** A router asks for leave, or needs none any more. */
  want(name: string, wanted: boolean): void {
    this.#running.get(name)?.witness.want(wanted);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.apply([]);
    await Promise.all(this.#ending);
  }

  #start(name: string, spec: WitnessSpec): void {
    const { leaseLock, clock, random, log } = this.#options;
    if (!leaseLock) return;
    const witness = new Witness({
      lock: leaseLock(leaseName(name)),
      spec,
      identity: this.#identity,
      clock,
      random,
      log: log.child({ virtualRouter: name }),
      grant: (forMs) =>
        this.#send({ kind: 'grant', name, untilMonotonicMs: monotonicMs() + forMs }),
      revoke: (reason) => this.#send({ kind: 'revoke', name, reason }),
    });
    this.#running.set(name, { witness, spec });
  }

  #end(witness: Witness): void {
    const ending = witness[Symbol.asyncDispose]();
    this.#ending.add(ending);
    void ending.finally(() => this.#ending.delete(ending));
  }
}

/** A name that the API takes (RFC 1123): routers of one family have a slash in theirs. */
function leaseName(router: string): string {
  return `portolan-vip-${router.replace('/', '-').toLowerCase()}`;
}
