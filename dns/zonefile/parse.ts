import { WireError } from '../../controller/base/index.ts';
import { isWithin, type Name, type ResourceRecord } from '../wire/index.ts';
import { absoluteName, parseTtl } from './record-data.ts';
import { recordOf } from './record.ts';
import { entries } from './words.ts';

/** More than any zone of a cluster's neighbourhood; bounds what a file can make us hold. */
const maxRecords = 1_000_000;
const maxIncludes = 100;

/** Reads the file that `$INCLUDE` names. */
export type Include = (path: string) => string;

/**
 * Reads a master file (RFC 1035 §5): `$ORIGIN`, `$TTL`, `$INCLUDE`, `@`, blank owners,
 * parentheses. Records outside `origin` are an error.
 * @throws WireError `BadRecord`, with the line
 */
export function parseZoneFile(
  text: string,
  origin: Name,
  include: Include,
): readonly ResourceRecord[] {
  const reader = new ZoneFileReader(origin, include);
  reader.read(text, origin);
  return reader.records;
}

class ZoneFileReader {
  readonly records: ResourceRecord[] = [];
  readonly #zone: Name;
  readonly #include: Include;
  #owner: Name | undefined;
  #defaultTtlSec: number | undefined;
  #lastTtlSec: number | undefined;
  #includes = 0;

  constructor(zone: Name, include: Include) {
    this.#zone = zone;
    this.#include = include;
  }

  read(text: string, startOrigin: Name): void {
    let origin = startOrigin;
    for (const { words, startsBlank, line } of entries(text)) {
      try {
        const [first = '', second = '', third] = words;
        if (first === '$ORIGIN') origin = absoluteName(second, origin);
        else if (first === '$TTL') this.#defaultTtlSec = parseTtl(second);
        else if (first === '$INCLUDE') {
          this.#included(second, third === undefined ? origin : absoluteName(third, origin));
        } else this.#record(words, startsBlank, origin);
      } catch (error) {
        if (!(error instanceof WireError)) throw error;
        throw new WireError('BadRecord', `line ${line}: ${error.message}`, { cause: error.cause });
      }
    }
  }

  #included(path: string, origin: Name): void {
    this.#includes += 1;
    if (this.#includes > maxIncludes) throw new WireError('BadRecord', 'too many $INCLUDEs');
    this.read(this.#include(path), origin);
  }

  #record(words: readonly string[], startsBlank: boolean, origin: Name): void {
    const ttlSec = this.#defaultTtlSec ?? this.#lastTtlSec;
    const record = recordOf(words, startsBlank, { origin, owner: this.#owner, ttlSec });
    if (!isWithin(record.name, this.#zone)) {
      throw new WireError('BadRecord', `${record.name.join('.')}. lies outside the zone`);
    }
    if (this.records.length >= maxRecords) throw new WireError('BadRecord', 'too many records');
    this.#owner = record.name;
    this.#lastTtlSec = record.ttlSec;
    this.records.push(record);
  }
}
