import type { Problem } from '../../base/index.ts';
import { objectKey, type Service } from '../../objects/index.ts';
import type { Claims } from './claims.ts';
import type { AllocationLedger } from './ledger.ts';
import type { Pool } from './pool.ts';

/** What one Service holds once its plan is made: values by field, refusals, and what is wrong. */
export class Allotment {
  readonly service: Service;
  /** By field, as the ledger has them. */
  readonly given: Map<string, string> = new Map();
  /** Entries for the annotation of refused allocations. */
  readonly refused: string[] = [];
  readonly problems: Problem[] = [];
  readonly #key: string;
  readonly #rank: string;
  readonly #claims: Claims;
  readonly #ledger: AllocationLedger;

  constructor(service: Service, claims: Claims, ledger: AllocationLedger) {
    this.service = service;
    this.#key = objectKey(service.metadata);
    this.#rank = rankOf(service);
    this.#claims = claims;
    this.#ledger = ledger;
  }

  /** Takes a value that was asked for; the name of the holder if another has it. */
  keep(field: string, value: string): string | undefined {
    this.#claims.add(this.#key, this.#rank, value);
    const holder = this.#claims.holder(value);
    if (holder !== this.#key) return holder;
    this.given.set(field, value);
    return undefined;
  }

  /** Finds a free value: `preferred`, the one had before, or the first free candidate. */
  draw(field: string, pool: Pool, preferred?: string): string | undefined {
    const before = this.#ledger.recorded(this.#key, field);
    const value =
      this.#firstFree(
        [preferred, before].filter((one) => one && pool.contains(one)),
        true,
      ) ??
      this.#firstFree(pool.candidates(`${this.#key} ${field}`), true) ??
      this.#firstFree(pool.candidates(`${this.#key} ${field}`), false);
    if (value === undefined) return undefined;
    this.#claims.add(this.#key, this.#rank, value);
    this.given.set(field, value);
    return value;
  }

  problem(
    severity: Problem['severity'],
    reason: string,
    field: string,
    message: string,
    instead: string,
  ): void {
    const { namespace = '', name } = this.service.metadata;
    const object = { kind: 'Service', namespace, name, field };
    this.problems.push({ severity, reason, message, instead, object });
  }

  #firstFree(values: Iterable<string | undefined>, sparingKept: boolean): string | undefined {
    for (const value of values) {
      if (value === undefined || this.#claims.holder(value) !== undefined) continue;
      const keptFor = this.#ledger.keptFor(value);
      if (!sparingKept || keptFor === undefined || keptFor === this.#key) return value;
    }
    return undefined;
  }
}

/** Who was first holds; of equally old Services the first by name. */
export function rankOf({ metadata }: Service): string {
  return `${metadata.creationTimestamp ?? ''} ${objectKey(metadata)}`;
}
