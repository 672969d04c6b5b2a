import type { OwnAnswer } from '../filter.ts';
import type { FilteredRequest } from '../filtered.ts';
import { NetworkSet } from '../network-set.ts';

/** Addresses and CIDRs. */
export interface SourceRangeSettings {
  /** Empty: everybody. */
  readonly allow: readonly string[];
  /** Wins over `allow`. */
  readonly deny: readonly string[];
}

const forbidden: OwnAnswer = { status: 403, reason: 'source-range' };

/** Checks the client's address. */
export function sourceRanges(
  settings: SourceRangeSettings,
): (request: FilteredRequest) => OwnAnswer | undefined {
  const allow = new NetworkSet(settings.allow);
  const deny = new NetworkSet(settings.deny);
  return ({ client }) => {
    if (deny.has(client.address)) return forbidden;
    return allow.isEmpty || allow.has(client.address) ? undefined : forbidden;
  };
}
