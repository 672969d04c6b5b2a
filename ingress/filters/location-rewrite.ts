import { firstOf } from './fields.ts';
import type { FilterDefinition } from './filter.ts';

/** What endpoints call themselves in redirects, and what clients must see instead. */
export interface LocationRewriteSettings {
  readonly from: string;
  readonly to: string;
}

/** Replaces the start of Location and of the URL in Refresh: `proxy-redirect-from` and `-to`. */
export const locationRewrite: FilterDefinition<'location-rewrite'> = {
  isAccessControl: false,
  create: ({ from, to }) => ({
    response({ fields, edits }) {
      if (!fields) return undefined;
      const location = firstOf(fields, 'location');
      if (location?.startsWith(from) === true) {
        edits.set('Location', to + location.slice(from.length));
      }
      const refresh = firstOf(fields, 'refresh');
      const [, start, url] = /^(.*?url=)(.*)$/i.exec(refresh ?? '') ?? [];
      if (start !== undefined && url?.startsWith(from) === true) {
        edits.set('Refresh', start + to + url.slice(from.length));
      }
      return undefined;
    },
  }),
};
