import type { Family, Labels } from '../../../controller/base/index.ts';

/** Series of one family that were used, so that each is bound once and can be forgotten. */
export class SeriesFamily<Bound> {
  readonly #family: Family<Bound>;
  readonly #series = new Map<string, { readonly labels: Labels; readonly bound: Bound }>();

  constructor(family: Family<Bound>) {
    this.#family = family;
  }

  /** The series with these labels, made if it is not there. */
  get(labels: Labels): Bound {
    const key = Object.values(labels).join('\n');
    const known = this.#series.get(key);
    if (known) return known.bound;
    const bound = this.#family.bind(labels);
    this.#series.set(key, { labels, bound });
    return bound;
  }

  /** Forgets all series but the wanted ones. */
  keep(wanted: (labels: Labels) => boolean): void {
    for (const [key, { labels }] of this.#series) {
      if (wanted(labels)) continue;
      this.#series.delete(key);
      this.#family.unbind(labels);
    }
  }
}
