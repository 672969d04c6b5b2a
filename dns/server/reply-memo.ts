import type { ZoneDiff } from '../compile/index.ts';
import type { Reuse, Transport } from '../plugins/plugin.ts';
import type { Served } from './metrics.ts';

/** 10 000 Services with A and AAAA, and as many names that search paths make up. */
const maxEntries = 32_768;
/** Longer messages are rare, and would make the bound above a large one. */
const maxOctets = 512;

/** A message that was sent, and may be sent again. */
export interface Remembered {
  readonly response: Buffer;
  readonly served: Served;
}

interface Entry extends Remembered {
  readonly key: string;
  readonly reuse: Reuse;
  /** Of the table, when it was made. */
  readonly change: number;
}

/**
 * Messages by the octets of their query, id apart. Two queries of equal octets have equal answers
 * until an object changes or a TTL counts down, so nothing is decoded and nothing is looked up.
 * What changes is forgotten by name: a change of one Service costs others nothing.
 */
export class ReplyMemo {
  readonly #entries: Map<string, Entry> = new Map();
  readonly #byService: Map<string, Set<string>> = new Map();
  #change = 0;

  get size(): number {
    return this.#entries.size;
  }

  find(query: Buffer, transport: Transport, nowMs: number): Remembered | undefined {
    const entry = this.#entries.get(keyOf(query, transport));
    if (entry === undefined) return undefined;
    const { reuse } = entry;
    if (
      reuse.kind === 'until'
        ? nowMs < reuse.atMs
        : reuse.service !== undefined || entry.change === this.#change
    ) {
      return entry;
    }
    this.#drop(entry);
    return undefined;
  }

  remember(
    query: Buffer,
    transport: Transport,
    reuse: Reuse,
    { response, served }: Remembered,
  ): void {
    if (response.length > maxOctets || query.length > maxOctets) return;
    const key = keyOf(query, transport);
    const known = this.#entries.get(key);
    if (known) this.#drop(known);
    this.#entries.set(key, { key, response, served, reuse, change: this.#change });
    if (reuse.kind === 'table' && reuse.service !== undefined) {
      const keys = this.#byService.get(reuse.service) ?? new Set();
      this.#byService.set(reuse.service, keys.add(key));
    }
    if (this.#entries.size <= maxEntries) return;
    const [oldest] = this.#entries.values();
    if (oldest) this.#drop(oldest);
  }

  /** Forgets what these changes make untrue; undefined: everything. */
  apply(diff: ZoneDiff | undefined): void {
    this.#change += 1;
    const isWide = !diff || diff.namespaceLabels !== undefined;
    if (isWide || diff.namespacesAdded.length > 0 || diff.namespacesRemoved.length > 0) {
      this.clear();
      return;
    }
    for (const { namespace, name } of diff.upserted) this.#forget(`${namespace}/${name}`);
    for (const key of diff.removed) this.#forget(key);
  }

  clear(): void {
    this.#entries.clear();
    this.#byService.clear();
  }

  #forget(service: string): void {
    for (const key of this.#byService.get(service) ?? []) this.#entries.delete(key);
    this.#byService.delete(service);
  }

  #drop({ key, reuse }: Entry): void {
    this.#entries.delete(key);
    if (reuse.kind !== 'table' || reuse.service === undefined) return;
    const keys = this.#byService.get(reuse.service);
    keys?.delete(key);
    if (keys?.size === 0) this.#byService.delete(reuse.service);
  }
}

/** Everything behind the id, and how large the reply may be. */
function keyOf(query: Buffer, transport: Transport): string {
  const octets = query.toString('latin1', 2);
  return transport === 'udp' ? octets : `${transport} ${octets}`;
}
