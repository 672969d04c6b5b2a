import { createHash } from 'node:crypto';
import type { FilterContext, FilterDefinition } from './filter.ts';
import { compileTemplate } from './template.ts';

/** What decides the endpoint of a request. */
export interface HashBySettings {
  /** Text with variables. */
  readonly key: string;
  /** Endpoints that share one key; 1: a key has one endpoint. */
  readonly subsetSize: number;
}

/** ketama's own number: shares differ by a few per cent. */
const pointsPerEndpoint = 160;

/**
 * Sends requests with equal keys to the same endpoint, over a ring, so that an endpoint that goes
 * moves its own keys alone: `upstream-hash-by`.
 */
export const hashBy: FilterDefinition<'hash-by'> = {
  isAccessControl: false,
  create({ key, subsetSize }, context) {
    const keyOf = compileTemplate(key);
    const rings = new Rings(context);
    return {
      request(request) {
        if (request.backend.kind !== 'pool') return undefined;
        const ring = rings.of(request.backend.pool);
        const chosen = ring.endpoints(keyOf(request), subsetSize);
        const one = chosen[Math.floor(context.random() * chosen.length)];
        if (one !== undefined) request.preferredEndpoint = one;
        return undefined;
      },
    };
  },
};

/** A ring for the endpoints of a pool, made anew when they change. */
class Rings {
  readonly #context: FilterContext;
  #pool = '';
  #endpoints: readonly string[] = [];
  #ring = new Ring([]);

  constructor(context: FilterContext) {
    this.#context = context;
  }

  of(pool: string): Ring {
    const endpoints = this.#context.endpointsOf(pool);
    if (endpoints !== this.#endpoints || pool !== this.#pool) {
      this.#pool = pool;
      this.#endpoints = endpoints;
      this.#ring = new Ring(endpoints);
    }
    return this.#ring;
  }
}

class Ring {
  readonly #points: readonly (readonly [point: number, endpoint: string])[];
  readonly #size: number;

  constructor(endpoints: readonly string[]) {
    this.#size = endpoints.length;
    this.#points = endpoints
      .flatMap((endpoint) => pointsOf(endpoint))
      .toSorted(([a], [b]) => a - b);
  }

  /** The first `most` different endpoints from the key's place on. */
  endpoints(key: string, most: number): readonly string[] {
    const wanted = Math.min(most, this.#size);
    const found = new Set<string>();
    const start = this.#firstFrom(hash(key));
    for (let step = 0; step < this.#points.length && found.size < wanted; step += 1) {
      const point = this.#points[(start + step) % this.#points.length];
      if (point) found.add(point[1]);
    }
    return [...found];
  }

  #firstFrom(place: number): number {
    let low = 0;
    let high = this.#points.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#points[middle]?.[0] ?? 0) < place) low = middle + 1;
      else high = middle;
    }
    return low === this.#points.length ? 0 : low;
  }
}

/** As ketama: four points from each MD5. */
function pointsOf(endpoint: string): readonly (readonly [number, string])[] {
  return Array.from({ length: pointsPerEndpoint / 4 }, (_, index) =>
    createHash('md5').update(`${endpoint}-${index}`).digest(),
  ).flatMap((digest) =>
    [0, 4, 8, 12].map((offset) => [digest.readUInt32LE(offset), endpoint] as const),
  );
}

function hash(key: string): number {
  return createHash('md5').update(key).digest().readUInt32LE(0);
}
