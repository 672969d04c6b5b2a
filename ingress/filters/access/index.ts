import type { Filter, FilterContext, FilterDefinition, RequestVerdict } from '../filter.ts';
import type { FilteredRequest } from '../filtered.ts';
import { type BasicAuthSettings, basicAuth } from './basic-auth.ts';
import { type ExternalAuthSettings, externalAuth } from './external-auth.ts';
import { type SourceRangeSettings, sourceRanges } from './source-ranges.ts';

/** Who may pass. At least one of the three is there. */
export interface AccessSettings {
  readonly sources: SourceRangeSettings | undefined;
  readonly basic: BasicAuthSettings | undefined;
  readonly external: ExternalAuthSettings | undefined;
  /** `any`: one of them is enough. */
  readonly satisfy: 'all' | 'any';
  /** Paths, with all below them, where nobody is asked who they are. */
  readonly open: readonly string[];
}

/** Checks who asks, in nginx' order: address, password, then the authentication service. */
export const access: FilterDefinition<'access'> = {
  isAccessControl: true,
  create(settings, context) {
    const authenticators = authenticatorsOf(settings, context);
    const sources = settings.sources && sourceRanges(settings.sources);
    const isOpen = (path: string): boolean =>
      settings.open.some((one) => path === one || path.startsWith(`${one}/`));
    return {
      request(request) {
        const asked = isOpen(request.path) ? [] : authenticators;
        const refused = sources?.(request);
        const isAny = settings.satisfy === 'any' && sources !== undefined && asked.length > 0;
        if (isAny && refused === undefined) return undefined;
        if (!isAny && refused !== undefined) return refused;
        return settings.satisfy === 'any' ? first(asked, request) : all(asked, request);
      },
      ...responseOf(authenticators),
    };
  },
};

/** A way to tell who asks. */
export type Authenticator = Required<Pick<Filter, 'request'>> & Pick<Filter, 'response'>;

function authenticatorsOf(
  { basic, external }: AccessSettings,
  context: FilterContext,
): readonly Authenticator[] {
  return [
    ...(basic ? [basicAuth(basic)] : []),
    ...(external ? [externalAuth(external, context)] : []),
  ];
}

function responseOf(authenticators: readonly Authenticator[]): Pick<Filter, 'response'> {
  if (authenticators.every(({ response }) => response === undefined)) return {};
  return {
    response(response, request) {
      for (const one of authenticators) one.response?.(response, request);
      return undefined;
    },
  };
}

/** Everybody has to let it pass. */
async function all(
  asked: readonly Authenticator[],
  request: FilteredRequest,
): Promise<RequestVerdict> {
  for (const one of asked) {
    const verdict = await one.request(request);
    if (verdict) return verdict;
  }
  return undefined;
}

/** One is enough; the last refusal is what the client gets. */
async function first(
  asked: readonly Authenticator[],
  request: FilteredRequest,
): Promise<RequestVerdict> {
  let refusal: RequestVerdict;
  for (const one of asked) {
    refusal = await one.request(request);
    if (!refusal) return undefined;
  }
  return refusal;
}
