import { WireError } from '../../../controller/base/index.ts';
import {
  isWithin,
  lowerName,
  type Name,
  nameKey,
  recordType,
  type ResourceRecord,
} from '../../wire/index.ts';

/** Records of one owner, by type. */
export type RecordSets = ReadonlyMap<number, readonly ResourceRecord[]>;

/** Where a name leads in a zone (RFC 1034 §4.3.2, RFC 4592). */
export type Found =
  | { readonly kind: 'node'; readonly sets: RecordSets; readonly wildcard: boolean }
  /** Names exist below, but no record here. */
  | { readonly kind: 'empty' }
  | { readonly kind: 'delegation'; readonly cut: Name; readonly sets: RecordSets }
  | { readonly kind: 'dname'; readonly owner: Name; readonly record: ResourceRecord }
  | { readonly kind: 'absent' };

/** A zone in memory. */
export class Zone {
  readonly apex: Name;
  readonly soa: ResourceRecord;
  readonly #nodes: Map<string, Map<number, ResourceRecord[]>> = new Map();

  /** @throws WireError without a SOA and an NS at the apex */
  constructor(apex: Name, records: readonly ResourceRecord[]) {
    this.apex = apex;
    for (const record of records) this.#add(record);
    const top = this.#nodes.get(nameKey(apex));
    const [soa] = top?.get(recordType.SOA) ?? [];
    if (!soa) throw new WireError('BadRecord', 'the zone has no SOA record');
    if (!top?.has(recordType.NS)) throw new WireError('BadRecord', 'the zone has no NS record');
    this.soa = soa;
  }

  /** At the apex. */
  get nameServers(): readonly ResourceRecord[] {
    return this.at(this.apex)?.get(recordType.NS) ?? [];
  }

  /** All of them, the SOA first. */
  *records(): Generator<ResourceRecord> {
    yield this.soa;
    for (const sets of this.#nodes.values()) {
      for (const set of sets.values())
        for (const record of set) if (record !== this.soa) yield record;
    }
  }

  /** The records at this very name, delegated or not. */
  at(name: Name): RecordSets | undefined {
    return this.#nodes.get(nameKey(name));
  }

  /** `lower`: in lower case, within the zone. `type`: DS at a cut is the parent's. */
  find(lower: Name, type: number): Found {
    // From the apex down: a cut or DNAME above ends the search.
    let closest = this.apex;
    for (let labels = this.apex.length + 1; labels <= lower.length; labels += 1) {
      const name = lower.slice(lower.length - labels);
      const sets = this.at(name);
      if (!sets) break;
      closest = name;
      const isTarget = labels === lower.length;
      if (sets.has(recordType.NS) && !(isTarget && type === recordType.DS)) {
        return { kind: 'delegation', cut: name, sets };
      }
      const dname = sets.get(recordType.DNAME)?.[0];
      if (dname && !isTarget) return { kind: 'dname', owner: name, record: dname };
    }
    if (closest.length === lower.length) return this.#nodeOrEmpty(lower);
    // RFC 4592 §3.3.1: the wildcard right below the closest name that exists.
    const wildcard = this.at(['*', ...closest]);
    if (wildcard && wildcard.size > 0) return { kind: 'node', sets: wildcard, wildcard: true };
    return { kind: 'absent' };
  }

  #nodeOrEmpty(name: Name): Found {
    const sets = this.at(name);
    if (!sets) return { kind: 'absent' };
    return sets.size > 0 ? { kind: 'node', sets, wildcard: false } : { kind: 'empty' };
  }

  #add(record: ResourceRecord): void {
    const name = lowerName(record.name);
    // Every name between exists too, if only as an empty non-terminal.
    for (let labels = this.apex.length; labels <= name.length; labels += 1) {
      const key = nameKey(name.slice(name.length - labels));
      if (!this.#nodes.has(key)) this.#nodes.set(key, new Map());
    }
    const sets = this.#nodes.get(nameKey(name));
    const known = sets?.get(record.type) ?? [];
    sets?.set(record.type, [...known, record]);
  }

  /** True for names of this zone, delegated ones included. */
  holds(name: Name): boolean {
    return isWithin(name, this.apex);
  }
}
