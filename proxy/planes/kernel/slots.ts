import type { Endpoint } from '../../compile/table.ts';
import { hashText, scatter } from '../../balancer/hash.ts';

/**
 * The most slots that weights are spread over: shares are exact to 1/256, and a change of one
 * endpoint rewrites a few hundred map elements at worst.
 */
export const maxWeightedSlots = 256;

/**
 * Slots of an `ip_hash` table. Fixed, so that an endpoint that goes moves its own clients alone;
 * 1024 keeps the shares of up to 50 endpoints within a quarter of even.
 */
export const hashSlots = 1024;

/** Those that get something: of weight 0 only if there are no others. */
export function usable(endpoints: readonly Endpoint[]): readonly Endpoint[] {
  const weighted = endpoints.filter(({ weight }) => weight > 0);
  return weighted.length > 0 ? weighted : endpoints;
}

/**
 * Endpoints repeated by their weights, so that an even choice of a slot is a weighted choice of an
 * endpoint. Everybody has one slot at least, which is why very uneven shares are approximate.
 */
export function weightedSlots(endpoints: readonly Endpoint[]): readonly Endpoint[] {
  const candidates = usable(endpoints);
  const weights = candidates.map(({ weight }) => Math.max(1, weight));
  const divisor = weights.reduce(greatestCommonDivisor, 0);
  const counts = fit(weights.map((weight) => weight / Math.max(1, divisor)));
  return candidates.flatMap((one, place) => Array<Endpoint>(counts[place] ?? 1).fill(one));
}

/** Scales counts down to `maxWeightedSlots` in sum, or to one each if there are more endpoints. */
function fit(counts: readonly number[]): readonly number[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const limit = Math.max(maxWeightedSlots, counts.length);
  if (total <= limit) return counts;
  return counts.map((count) => Math.max(1, Math.floor((count * limit) / total)));
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/**
 * `hashSlots` slots, each given to the endpoint that wins it by weighted rendezvous hashing: a
 * slot changes hands only if its endpoint goes or a newcomer beats it.
 */
export function hashedSlots(endpoints: readonly Endpoint[]): readonly Endpoint[] {
  const candidates = usable(endpoints).map((endpoint) => ({
    endpoint,
    hash: hashText(`${endpoint.address} ${endpoint.port}`),
    weight: Math.max(1, endpoint.weight),
  }));
  const slots: Endpoint[] = [];
  for (let slot = 0; slot < hashSlots; slot += 1) {
    let winner: Endpoint | undefined;
    let best = -1;
    for (const { endpoint, hash, weight } of candidates) {
      const score = -weight / Math.log((scatter(hash ^ scatter(slot)) + 0.5) / 2 ** 32);
      if (score > best) {
        best = score;
        winner = endpoint;
      }
    }
    if (winner) slots.push(winner);
  }
  return slots;
}
