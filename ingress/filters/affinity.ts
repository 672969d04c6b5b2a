import type { FilterContext, FilterDefinition } from './filter.ts';
import type { FilteredRequest } from './filtered.ts';
import { firstOf } from './fields.ts';
import { cookieOf, digest } from './template.ts';

/** A cookie that ties a client to an endpoint. */
export interface AffinitySettings {
  readonly cookie: string;
  /** The attribute Path. */
  readonly path: string;
  readonly domain: string | undefined;
  readonly maxAgeSec: number | undefined;
  readonly expiresSec: number | undefined;
  /** `auto`: over https. */
  readonly secure: boolean | 'auto';
  readonly sameSite: 'None' | 'Lax' | 'Strict' | undefined;
  /** Leave `SameSite=None` out for clients that are known to take it for `Strict`. */
  readonly conditionalSameSiteNone: boolean;
}

/** What an affinity cookie says of its pool; of no use to whoever reads it. */
export function poolMark(pool: string): string {
  return digest(`portolan ${pool}`);
}

/**
 * Keeps each client on one endpoint. The cookie holds the endpoint's mark and the pool's; marks
 * are the same in all workers and over restarts, so nothing has to be remembered.
 */
export const affinity: FilterDefinition<'affinity'> = {
  isAccessControl: false,
  create(settings, context) {
    const marks = new EndpointMarks(context);
    const ties = new WeakMap<FilteredRequest, string>();
    return {
      request(request) {
        if (request.backend.kind !== 'pool') return undefined;
        const [mark, pool] = cookieOf(request, settings.cookie)?.split('|') ?? [];
        if (mark === undefined || pool !== poolMark(request.backend.pool)) return undefined;
        const endpoint = marks.of(request.backend.pool).get(mark);
        if (endpoint === undefined) return undefined;
        request.preferredEndpoint = endpoint;
        ties.set(request, endpoint);
        return undefined;
      },
      response({ edits }, request) {
        const { endpoint, backend } = request;
        if (endpoint === undefined || backend.kind !== 'pool') return undefined;
        if (ties.get(request) === endpoint) return undefined;
        const value = `${endpointMark(backend.pool, endpoint)}|${poolMark(backend.pool)}`;
        edits.add('Set-Cookie', setCookie(value, settings, request, context));
        return undefined;
      },
    };
  },
};

/** Endpoints by their marks, kept for as long as a pool's endpoints stay the same. */
class EndpointMarks {
  readonly #context: FilterContext;
  #pool = '';
  #endpoints: readonly string[] = [];
  #marks: ReadonlyMap<string, string> = new Map();

  constructor(context: FilterContext) {
    this.#context = context;
  }

  of(pool: string): ReadonlyMap<string, string> {
    const endpoints = this.#context.endpointsOf(pool);
    if (endpoints !== this.#endpoints || pool !== this.#pool) {
      this.#pool = pool;
      this.#endpoints = endpoints;
      this.#marks = new Map(endpoints.map((one) => [endpointMark(pool, one), one]));
    }
    return this.#marks;
  }
}

/** Keyed by nothing: an address is no secret worth more than that it is not plain to see. */
function endpointMark(pool: string, endpoint: string): string {
  return digest(`${pool} ${endpoint}`);
}

function setCookie(
  value: string,
  settings: AffinitySettings,
  request: FilteredRequest,
  { clock }: FilterContext,
): string {
  const { domain, maxAgeSec, expiresSec, secure } = settings;
  const isSecure = secure === 'auto' ? request.client.scheme === 'https' : secure;
  let cookie = `${settings.cookie}=${value}; Path=${settings.path}`;
  if (domain !== undefined) cookie += `; Domain=${domain}`;
  if (expiresSec !== undefined) {
    cookie += `; Expires=${new Date(clock.wallMs() + expiresSec * 1000).toUTCString()}`;
  }
  if (maxAgeSec !== undefined) cookie += `; Max-Age=${maxAgeSec}`;
  if (isSecure) cookie += '; Secure';
  cookie += '; HttpOnly';
  const agent = firstOf(request.head.fields, 'user-agent') ?? '';
  const isLeftOut =
    settings.sameSite === 'None' && settings.conditionalSameSiteNone && breaksOnNone(agent);
  return settings.sameSite && !isLeftOut ? `${cookie}; SameSite=${settings.sameSite}` : cookie;
}

/** Browsers of 2018 and 2019 that reject or misread the value (Chromium bug 1006075's list). */
function breaksOnNone(agent: string): boolean {
  return (
    /\(iP.+; CPU .*OS 12[_\d]*.*\) AppleWebKit\//.test(agent) ||
    /Macintosh;.*Mac OS X 10_14[_\d]*.*\) AppleWebKit\/(?!.*Chrom)/.test(agent) ||
    /Chrom(?:e|ium)\/(?:5[1-9]|6[0-6])\./.test(agent) ||
    /UCBrowser\/(?:[0-9]\.|1[01]\.|12\.(?:[0-9]\.|1[0-2]\.|13\.[01]))/.test(agent)
  );
}
