import {
  classIN,
  type Name,
  type RecordData,
  recordType,
  type ResourceRecord,
} from '../../wire/index.ts';
import { replyWith } from '../reply.ts';
import type { Reply } from '../plugin.ts';

/** Longest that a denial may be cached, whatever `ttl` says. */
const maxDenialTtlSec = 300;

/** Writes the records and replies of one zone, spelled as one question spells the zone. */
export class ZoneWriter {
  /** The zone's name, in the question's case. */
  readonly apex: Name;
  readonly ttlSec: number;
  readonly #serial: number;

  constructor(apex: Name, ttlSec: number, serial: number) {
    this.apex = apex;
    this.ttlSec = ttlSec;
    this.#serial = serial;
  }

  record(name: Name, type: number, data: RecordData, ttlSec: number = this.ttlSec): ResourceRecord {
    return { name, type, class: classIN, ttlSec, data };
  }

  soa(): ResourceRecord {
    return this.record(
      this.apex,
      recordType.SOA,
      {
        kind: 'SOA',
        mname: ['ns', 'dns', ...this.apex],
        rname: ['hostmaster', ...this.apex],
        serial: this.#serial,
        refreshSec: 7200,
        retrySec: 1800,
        expireSec: 86400,
        minimumSec: this.ttlSec,
      },
      Math.min(this.ttlSec, maxDenialTtlSec),
    );
  }

  /** The records, or NODATA when there is none. */
  reply(answers: readonly ResourceRecord[], additionals: readonly ResourceRecord[] = []): Reply {
    if (answers.length === 0) return this.denial(0);
    return replyWith('kubernetes', { authoritative: true, answers, additionals });
  }

  /** No record, and the SOA that says for how long to believe it (RFC 2308). */
  denial(rcode: number): Reply {
    return replyWith('kubernetes', { rcode, authoritative: true, authorities: [this.soa()] });
  }
}
