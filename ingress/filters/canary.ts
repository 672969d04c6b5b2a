import type { RouteBackend } from '../compile/table.ts';
import { compilePattern, type Pattern } from '../pattern/index.ts';
import { firstOf } from './fields.ts';
import type { FilterContext, FilterDefinition } from './filter.ts';
import type { FilteredRequest } from './filtered.ts';
import { poolMark } from './affinity.ts';
import { cookieOf } from './template.ts';

/** Who is served by another pool than the route's own. */
export interface CanarySettings {
  readonly backend: RouteBackend;
  readonly header: string | undefined;
  /** In place of `always` and `never`. */
  readonly headerValue: string | undefined;
  /** In place of `always` and `never`, where there is no value. */
  readonly headerPattern: string | undefined;
  readonly cookie: string | undefined;
  readonly weight: number;
  readonly weightTotal: number;
  /** A client whose affinity cookie ties it to one of the pools stays there: that cookie's name. */
  readonly stickyCookie: string | undefined;
}

/** Sends some requests to a canary: by header, then by cookie, then by weight. */
export const canary: FilterDefinition<'canary'> = {
  isAccessControl: false,
  create(settings, context) {
    const pattern =
      settings.headerPattern === undefined ? undefined : compilePattern(settings.headerPattern);
    return {
      request(request) {
        const main = request.backend;
        if (!hasEndpoints(settings.backend, context)) return undefined;
        if (!hasEndpoints(main, context) || isChosen(request, settings, pattern, context)) {
          request.backend = settings.backend;
        }
        return undefined;
      },
    };
  },
};

function hasEndpoints(backend: RouteBackend, { endpointsOf }: FilterContext): boolean {
  return backend.kind === 'pool' && endpointsOf(backend.pool).length > 0;
}

function isChosen(
  request: FilteredRequest,
  settings: CanarySettings,
  pattern: Pattern | undefined,
  { random }: FilterContext,
): boolean {
  const said =
    stickyChoice(request, settings) ??
    headerChoice(request, settings, pattern) ??
    cookieChoice(request, settings.cookie);
  return said ?? random() * settings.weightTotal < settings.weight;
}

/** Affinity cookies name the pool that gave them out. */
function stickyChoice(
  request: FilteredRequest,
  { backend, stickyCookie }: CanarySettings,
): boolean | undefined {
  if (stickyCookie === undefined) return undefined;
  const [, pool] = cookieOf(request, stickyCookie)?.split('|') ?? [];
  if (pool === undefined) return undefined;
  if (backend.kind === 'pool' && pool === poolMark(backend.pool)) return true;
  const main = request.route.backend;
  return main.kind === 'pool' && pool === poolMark(main.pool) ? false : undefined;
}

function headerChoice(
  { head }: FilteredRequest,
  { header, headerValue }: CanarySettings,
  pattern: Pattern | undefined,
): boolean | undefined {
  const value = header === undefined ? undefined : firstOf(head.fields, header.toLowerCase());
  if (value === undefined) return undefined;
  if (headerValue !== undefined) return value === headerValue ? true : undefined;
  if (pattern) return pattern.test(value) ? true : undefined;
  return alwaysOrNever(value);
}

function cookieChoice(request: FilteredRequest, name: string | undefined): boolean | undefined {
  return name === undefined ? undefined : alwaysOrNever(cookieOf(request, name));
}

function alwaysOrNever(value: string | undefined): boolean | undefined {
  return value === 'always' ? true : value === 'never' ? false : undefined;
}
