import type { FilterContext } from './filter.ts';

/** A URL, and the pool that serves it where its host is the name of a Service. */
export interface ServiceUrl {
  readonly url: string;
  /** `Pool.key`: its endpoints are asked, and no name server. */
  readonly pool: string | undefined;
}

/** The URL to ask: of one endpoint if a pool serves it. `host`: what to say in Host. */
export function endpointUrl(
  url: string,
  pool: string | undefined,
  { endpointsOf, random }: FilterContext,
): { readonly url: string; readonly host: string } {
  const parsed = new URL(url);
  const { host } = parsed;
  if (pool === undefined) return { url, host };
  const endpoints = endpointsOf(pool);
  const chosen = endpoints[Math.floor(random() * endpoints.length)];
  if (chosen === undefined) throw new RangeError(`${pool} has no endpoint`);
  parsed.host = chosen;
  return { url: parsed.href, host };
}
