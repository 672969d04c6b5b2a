import type { FilterDefinition } from './filter.ts';

/** What endpoints get as Host. */
export interface UpstreamHostSettings {
  readonly host: string;
}

/** Tells endpoints another host than the client asked for: `upstream-vhost`. */
export const upstreamHost: FilterDefinition<'upstream-host'> = {
  isAccessControl: false,
  create: ({ host }) => ({
    request(request) {
      request.host = host;
      return undefined;
    },
  }),
};
