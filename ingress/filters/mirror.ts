import type { FilterDefinition } from './filter.ts';
import type { FilteredRequest } from './filtered.ts';
import { endpointUrl, type ServiceUrl } from './service-url.ts';
import { compileTemplate } from './template.ts';

/** Who gets a copy of each request. */
export interface MirrorSettings {
  readonly target: ServiceUrl;
  /** Host that the copy names; undefined: that of the target. */
  readonly host: string | undefined;
}

/** Copies under way at once; more are not made. */
const mostCopies = 64;
const timeoutMs = 10_000;

/** Sends a copy of each request, without its body, and forgets the answer. */
export const mirror: FilterDefinition<'mirror'> = {
  isAccessControl: false,
  create({ target, host }, context) {
    const urlOf = compileTemplate(target.url);
    let underWay = 0;
    const placeOf = (request: FilteredRequest): ReturnType<typeof endpointUrl> | undefined => {
      try {
        return endpointUrl(urlOf(request), target.pool, context);
      } catch (error) {
        // No endpoint, or variables that make no URL of it: nobody misses a copy.
        context.log.debug({ err: error, route: request.route.id }, 'mirror has no place');
        return undefined;
      }
    };
    return {
      request(request) {
        if (underWay >= mostCopies) return undefined;
        const place = placeOf(request);
        if (!place) return undefined;
        const { url, host: own } = place;
        const { fields } = request.head;
        const copied: [string, string][] = [];
        for (let index = 0; index < fields.count; index += 1) {
          const name = fields.name(index).toLowerCase();
          if (!notCopied.has(name)) copied.push([name, fields.value(index)]);
        }
        copied.push(['host', host ?? own], ['x-request-id', request.requestId]);
        copied.push(['x-forwarded-for', request.client.forwardedFor]);
        underWay += 1;
        // The copy outlives the request, so that a fast answer does not cut it off.
        const { signal } = new AbortController();
        const { method } = request.head;
        context
          .http({ method, url, fields: copied, signal, timeoutMs })
          .catch((error: unknown) => {
            context.log.debug({ err: error, route: request.route.id }, 'mirror did not answer');
          })
          .finally(() => {
            underWay -= 1;
          });
        return undefined;
      },
    };
  },
};

const notCopied: ReadonlySet<string> = new Set([
  'host',
  'connection',
  'keep-alive',
  'content-length',
  'transfer-encoding',
  'expect',
  'upgrade',
  'te',
  'trailer',
  'proxy-connection',
  'proxy-authorization',
  'x-request-id',
  'x-forwarded-for',
]);
