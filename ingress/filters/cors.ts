import type { FilterDefinition } from './filter.ts';
import type { FilteredRequest } from './filtered.ts';
import { firstOf } from './fields.ts';

/** Which origins may read what (Fetch standard, CORS protocol). Lists as they are sent. */
export interface CorsSettings {
  /** `scheme://host[:port]`, the host with `*.` for one label; `null`; `*` for everybody. */
  readonly origins: readonly string[];
  readonly methods: string;
  readonly headers: string;
  readonly exposedHeaders: string | undefined;
  readonly credentials: boolean;
  readonly maxAgeSec: number;
}

/** Answers preflight requests, and tells browsers who may read responses. */
export const cors: FilterDefinition<'cors'> = {
  isAccessControl: false,
  create(settings) {
    const allowed = originMatcher(settings.origins);
    const granted = (request: FilteredRequest): string | undefined =>
      allowed(firstOf(request.head.fields, 'origin'));
    return {
      request(request) {
        if (request.head.method !== 'OPTIONS' || granted(request) === undefined) return undefined;
        const type = 'text/plain charset=UTF-8';
        return {
          status: 204,
          fields: [
            ['Access-Control-Max-Age', `${settings.maxAgeSec}`],
            ['Content-Type', type],
          ],
          reason: 'preflight',
        };
      },
      response({ edits }, request) {
        const origin = granted(request);
        if (origin === undefined) return undefined;
        edits.set('Access-Control-Allow-Origin', origin);
        if (settings.credentials) edits.set('Access-Control-Allow-Credentials', 'true');
        edits.set('Access-Control-Allow-Methods', settings.methods);
        edits.set('Access-Control-Allow-Headers', settings.headers);
        if (settings.exposedHeaders !== undefined) {
          edits.set('Access-Control-Expose-Headers', settings.exposedHeaders);
        }
        return undefined;
      },
    };
  },
};

/** What to send as allowed origin; undefined: this one is not allowed. */
function originMatcher(
  origins: readonly string[],
): (origin: string | undefined) => string | undefined {
  if (origins.includes('*')) return () => '*';
  const exact = new Set(origins.map((one) => one.toLowerCase()));
  const wildcards = [...exact].flatMap((one) => {
    const [scheme = '', host = ''] = one.split('://*.');
    return host === '' ? [] : [{ start: `${scheme}://`, end: `.${host}` }];
  });
  return (origin) => {
    const asked = origin?.toLowerCase() ?? '';
    if (asked === '') return undefined;
    const isAllowed =
      exact.has(asked) ||
      wildcards.some(({ start, end }) => {
        if (!asked.startsWith(start) || !asked.endsWith(end)) return false;
        return /^[\w-]+$/.test(asked.slice(start.length, asked.length - end.length));
      });
    return isAllowed ? origin : undefined;
  };
}
