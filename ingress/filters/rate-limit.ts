import type { FilterDefinition, OwnAnswer, RequestVerdict } from './filter.ts';
import type { LimitStore } from './limits/limit-store.ts';
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
  /** Where too many requests are under way. */
  readonly connectionsStatus: number;
}

/** Refuses clients that ask for more than their share. */
export const rateLimit: FilterDefinition<'rate-limit'> = {
  isAccessControl: false,
  create(settings, { limits }) {
    const exempt = new NetworkSet(settings.exempt);
    const entered = new WeakSet<FilteredRequest>();
    const ended = new WeakSet<FilteredRequest>();
    const refusal: OwnAnswer = { status: settings.status, reason: 'rate-limited' };
    const { connections } = settings;
    const crowded: OwnAnswer = { status: settings.connectionsStatus, reason: 'connection-limited' };
    const keyOf = ({ client }: FilteredRequest): string => `${settings.id} ${client.address}`;
    const rated = (key: string): RequestVerdict | Promise<RequestVerdict> => {
      const isWithin = isWithinRates(settings, key, limits);
      if (isWithin instanceof Promise) return isWithin.then((is) => (is ? undefined : refusal));
      return isWithin ? undefined : refusal;
    };
    const enter = (
      isIn: boolean,
      request: FilteredRequest,
      key: string,
    ): RequestVerdict | Promise<RequestVerdict> => {
      if (!isIn) return crowded;
      // It ended while the counts were asked: nobody else will say that it left.
      if (ended.has(request)) limits.leave(key);
      else entered.add(request);
      return rated(key);
    };
    return {
      request(request) {
        if (exempt.has(request.client.address)) return undefined;
        const key = keyOf(request);
        if (connections === undefined) return rated(key);
        const isIn = limits.enter(key, connections);
        if (isIn instanceof Promise) return isIn.then((is) => enter(is, request, key));
        return enter(isIn, request, key);
      },
      end(_result, request) {
        ended.add(request);
        if (entered.delete(request)) limits.leave(keyOf(request));
      },
    };
  },
};

function isWithinRates(
  { perSecond, perMinute, burstMultiplier }: RateLimitSettings,
  key: string,
  limits: LimitStore,
): boolean | Promise<boolean> {
  const takes = (
    rate: number | undefined,
    periodMs: number,
    name: string,
  ): boolean | Promise<boolean> =>
    rate === undefined || limits.take(`${key} ${name}`, periodMs / rate, rate * burstMultiplier);
  const inSecond = takes(perSecond, 1_000, 's');
  if (inSecond === false) return false;
  const inMinute = takes(perMinute, 60_000, 'm');
  if (inSecond === true) return inMinute;
  return inSecond.then((is) => is && inMinute);
}
