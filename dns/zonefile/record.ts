import { WireError } from '../../controller/base/index.ts';
import { classIN, type Name, type ResourceRecord } from '../wire/index.ts';
import { absoluteName, parseRecordData, parseTtl, typeNumber } from './record-data.ts';
import { entries } from './words.ts';

const classes: ReadonlyMap<string, number> = new Map([
  ['IN', classIN],
  ['CH', 3],
  ['HS', 4],
]);

/** What an entry may leave out. */
export interface RecordDefaults {
  readonly origin: Name;
  readonly owner: Name | undefined;
  readonly ttlSec: number | undefined;
}

/** Reads the words of one record, its owner first unless `startsBlank`. @throws WireError */
export function recordOf(
  words: readonly string[],
  startsBlank: boolean,
  defaults: RecordDefaults,
): ResourceRecord {
  let at = 0;
  const owner = startsBlank ? defaults.owner : absoluteName(words[at++] ?? '', defaults.origin);
  if (!owner) throw new WireError('BadRecord', 'the first record needs an owner');
  let { ttlSec } = defaults;
  let recordClass = classIN;
  // TTL and class stand in either order.
  for (let i = 0; i < 2; i += 1) {
    const word = words[at] ?? '';
    const named = classes.get(word.toUpperCase());
    const ttl = parseTtl(word);
    if (named === undefined && ttl === undefined) break;
    if (named !== undefined) recordClass = named;
    if (ttl !== undefined) ttlSec = ttl;
    at += 1;
  }
  const typeText = words[at] ?? '';
  const type = typeNumber(typeText);
  if (type === undefined) throw new WireError('BadRecord', `"${typeText}" is no record type`);
  const data = parseRecordData(type, words.slice(at + 1), defaults.origin);
  return { name: owner, type, class: recordClass, ttlSec: ttlSec ?? 3600, data };
}

/** Reads a record in text form, such as `www.example.org. 60 IN A 192.0.2.1`. @throws WireError */
export function parseRecord(text: string): ResourceRecord {
  const [first, second] = [...entries(text)];
  if (!first || second) throw new WireError('BadRecord', `"${text}" is not one record`);
  return recordOf(first.words, false, { origin: [], owner: undefined, ttlSec: undefined });
}
