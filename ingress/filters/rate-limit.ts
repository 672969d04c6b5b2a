import type { FilterContext, FilterDefinition, RequestVerdict } from './filter.ts';
import type { FilteredRequest } from './filtered.ts';
import { NetworkSet } from './network-set.ts';

/** How much one client address may ask of all routes with the same `id`. */
export interface RateLimitSettings {
  readonly id: string;
  readonly perSecond: number | undefined;
  readonly perMinute: number | undefined;
  /** Requests under way at once. */
  readonly connections: number | undefined;
  /** Requests beyond the rate that pass at once: the rate times this. */
  readonly burstMultiplier: number;
  /** Addresses that are never limited. */
  readonly exempt: readonly string[];
  readonly status: number;
}

/** Refuses clients that ask for more than their share. */
export const rateLimit: FilterDefinition<'rate-limit'> = {
  isAccessControl: false,
  create(settings, context) {
    const exempt = new NetworkSet(settings.exempt);
    const entered = new WeakSet<FilteredRequest>();
    const refusal = { status: settings.status, reason: 'rate-limited' };
    const keyOf = ({ client }: FilteredRequest): string => `${settings.id} ${client.address}`;
    return {
      request(request): RequestVerdict {
        if (exempt.has(request.client.address)) return undefined;
        const key = keyOf(request);
        const { connections } = settings;
        if (connections !== undefined) {
          if (!context.limits.enter(key, connections)) return refusal;
          entered.add(request);
        }
        return isWithinRates(settings, key, context) ? undefined : refusal;
      },
      end(_result, request) {
        if (entered.delete(request)) context.limits.leave(keyOf(request));
      },
    };
  },
};

function isWithinRates(
  { perSecond, perMinute, burstMultiplier }: RateLimitSettings,
  key: string,
  { limits }: FilterContext,
): boolean {
  const takes = (rate: number | undefined, periodMs: number, name: string): boolean =>
    rate === undefined || limits.take(`${key} ${name}`, periodMs / rate, rate * burstMultiplier);
  return takes(perSecond, 1_000, 's') && takes(perMinute, 60_000, 'm');
}
