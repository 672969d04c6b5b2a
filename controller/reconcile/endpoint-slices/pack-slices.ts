import type { EndpointSlice } from '../../objects/index.ts';
import type { SliceGroup, WeightedEndpoint } from './slice-group.ts';

/** Which endpoints one slice is to hold. */
export interface PackedSlice {
  /** The slice that holds them already, in part or in whole; undefined: a new one. */
  readonly existing: EndpointSlice | undefined;
  readonly endpoints: readonly WeightedEndpoint[];
}

/**
 * Spreads a group over slices of at most `maxEndpoints`, with few writes: an endpoint stays in the
 * slice that lists it, new ones go first into slices that change anyway, then into room that is
 * left. Slices left out of the answer are empty and can go.
 */
export function packSlices(
  { endpoints }: SliceGroup,
  existing: readonly EndpointSlice[],
  maxEndpoints: number,
): readonly PackedSlice[] {
  const unplaced = new Map(endpoints);
  const bins = existing.map((slice) => {
    const kept: WeightedEndpoint[] = [];
    for (const { addresses } of slice.endpoints) {
      const found = unplaced.get(addresses[0] ?? '');
      if (!found || kept.length === maxEndpoints) continue;
      unplaced.delete(addresses[0] ?? '');
      kept.push(found);
    }
    return { existing: slice, endpoints: kept, shrinks: kept.length < slice.endpoints.length };
  });
  const waiting = [...unplaced.values()];
  const inUse = bins.filter((bin) => bin.endpoints.length > 0);
  for (const bin of inUse.toSorted((a, b) => Number(b.shrinks) - Number(a.shrinks))) {
    bin.endpoints.push(...waiting.splice(0, maxEndpoints - bin.endpoints.length));
  }
  // A slice that lost all it had is used again before a new one is made.
  const free = bins.filter((bin) => bin.endpoints.length === 0);
  const packed: PackedSlice[] = [...inUse];
  while (waiting.length > 0 || packed.length === 0) {
    packed.push({
      existing: free.shift()?.existing,
      endpoints: waiting.splice(0, maxEndpoints),
    });
  }
  return packed;
}
