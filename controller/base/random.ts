/** The one door to chance: uniform in [0, 1). Tests pass a seeded one. */
export type Random = () => number;

/** Not for secrets: balancing, jitter and identifiers that need only be unlikely to collide. */
export const systemRandom: Random = Math.random;

/** Mulberry32: 32 bits of state, the same sequence for the same seed on every machine. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
