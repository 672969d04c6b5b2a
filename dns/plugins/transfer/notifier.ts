import {
  classIN,
  encodeMessage,
  type Name,
  nameKey,
  opcode,
  rcode,
  recordType,
  type ResourceRecord,
} from '../../wire/index.ts';
import { Connections } from '../forward/connections.ts';
import { HttpsClient } from '../forward/https-client.ts';
import type { Upstream } from '../forward/upstream.ts';
import type { PluginContext } from '../plugin.ts';

/** How soon secondaries hear of a change; they ask for the whole zone each time. */
const pollMs = 5000;
/** RFC 1996 §3.6. */
const timeoutMs = 2000;
const attempts = 3;

export interface NotifierOptions {
  readonly zones: readonly Name[];
  readonly secondaries: readonly Upstream[];
  readonly source: string | undefined;
  /** Undefined: nobody has the zone yet. */
  readonly soaOf: (zone: Name) => ResourceRecord | undefined;
}

/** Tells secondaries that a zone has another serial (RFC 1996). */
export class Notifier implements Disposable {
  readonly #options: NotifierOptions;
  readonly #context: PluginContext;
  readonly #connections: Connections;
  readonly #https: HttpsClient;
  readonly #told: Map<string, number> = new Map();
  readonly #stop: AbortController = new AbortController();
  #timer: Disposable | undefined;

  constructor(options: NotifierOptions, context: PluginContext) {
    this.#options = options;
    this.#context = context;
    const { source: sourceAddress } = options;
    const idle = { idleMs: 0, maxAgeMs: 0, maxIdle: 1, sourceAddress, tls: {} };
    this.#connections = new Connections({ clock: context.clock, ...idle });
    this.#https = new HttpsClient({ tls: {}, idleMs: 1, method: 'POST', sourceAddress });
  }

  start(): void {
    if (this.#options.secondaries.length === 0) return;
    this.#look();
  }

  [Symbol.dispose](): void {
    this.#stop.abort();
    this.#timer?.[Symbol.dispose]();
    this.#connections[Symbol.dispose]();
  }

  #look(): void {
    for (const zone of this.#options.zones) {
      const soa = this.#options.soaOf(zone);
      if (soa?.data.kind !== 'SOA' || this.#told.get(nameKey(zone)) === soa.data.serial) continue;
      this.#told.set(nameKey(zone), soa.data.serial);
      for (const secondary of this.#options.secondaries) void this.#tell(secondary, soa);
    }
    this.#timer = this.#context.clock.schedule(pollMs, () => this.#look());
  }

  /** Never rejects: a secondary that does not hear us asks by itself when its refresh is due. */
  async #tell(upstream: Upstream, soa: ResourceRecord): Promise<void> {
    const { exchange, randomId } = this.#context.forwarding;
    const { signal } = this.#stop;
    const parts = { connections: this.#connections, https: this.#https };
    for (let attempt = 1; attempt <= attempts && !signal.aborted; attempt += 1) {
      const id = randomId();
      const accepts = (octets: Buffer): boolean =>
        octets.length >= 12 && octets.readUInt16BE(0) === id && (octets[2] ?? 0) >> 3 === 0x14;
      const request = encodeNotify(soa, id);
      try {
        const asked = { upstream, transport: 'udp', request, timeoutMs, accepts } as const;
        await exchange({ ...asked, signal, ...parts });
        return;
      } catch {
        // The next attempt, if there is one.
      }
    }
  }
}

function encodeNotify(soa: ResourceRecord, id: number): Buffer {
  return encodeMessage({
    id,
    opcode: opcode.NOTIFY,
    rcode: rcode.NOERROR,
    response: false,
    authoritative: true,
    truncated: false,
    recursionDesired: false,
    recursionAvailable: false,
    authenticData: false,
    checkingDisabled: false,
    questions: [{ name: soa.name, type: recordType.SOA, class: classIN }],
    answers: [soa],
    authorities: [],
    additionals: [],
    edns: undefined,
  });
}
