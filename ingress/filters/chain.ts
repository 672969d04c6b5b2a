import type { BodyPieces } from '../http1/index.ts';
import type { FilterConfig } from './config.ts';
import type {
  Filter,
  FilterContext,
  RequestResult,
  RequestVerdict,
  ResponseVerdict,
} from './filter.ts';
import type { FilteredRequest, FilteredResponse } from './filtered.ts';
import { byFilterOrder, createFilter } from './order.ts';

type Having<H extends keyof Filter> = Filter & Required<Pick<Filter, H>>;

/** The filters of one route, by hook, so that nothing is asked of a filter that has no answer. */
export class FilterChain {
  readonly #requests: readonly Having<'request'>[];
  readonly #bodies: readonly Having<'requestBody'>[];
  readonly #responses: readonly Having<'response'>[];
  readonly #ends: readonly Having<'end'>[];

  constructor(configs: readonly FilterConfig[], context: FilterContext) {
    const filters = configs.toSorted(byFilterOrder).map((one) => createFilter(one, context));
    this.#requests = filters.filter((one) => has(one, 'request'));
    this.#bodies = filters.filter((one) => has(one, 'requestBody'));
    this.#responses = filters.filter((one) => has(one, 'response')).toReversed();
    this.#ends = filters.filter((one) => has(one, 'end'));
  }

  /** The first answer that a filter gives, if one does. A promise only if a filter made one. */
  request(request: FilteredRequest): RequestVerdict | Promise<RequestVerdict> {
    for (const [index, filter] of this.#requests.entries()) {
      const verdict = filter.request(request);
      if (verdict instanceof Promise) return this.#requestFrom(index + 1, verdict, request);
      if (verdict) return verdict;
    }
    return undefined;
  }

  requestBody(request: FilteredRequest, bytes: Buffer, body: BodyPieces): void {
    for (const filter of this.#bodies) filter.requestBody(request, bytes, body);
  }

  /** All of them see the response; the first that wants another in its place gets it. */
  response(response: FilteredResponse, request: FilteredRequest): ResponseVerdict {
    let verdict: ResponseVerdict;
    for (const filter of this.#responses) verdict = filter.response(response, request) ?? verdict;
    return verdict;
  }

  end(result: RequestResult, request: FilteredRequest): void {
    for (const filter of this.#ends) filter.end(result, request);
  }

  async #requestFrom(
    next: number,
    pending: Promise<RequestVerdict>,
    request: FilteredRequest,
  ): Promise<RequestVerdict> {
    const first = await pending;
    if (first) return first;
    for (const filter of this.#requests.slice(next)) {
      if (request.signal.aborted) return undefined;
      const verdict = await filter.request(request);
      if (verdict) return verdict;
    }
    return undefined;
  }
}

function has<H extends keyof Filter>(filter: Filter, hook: H): filter is Having<H> {
  return filter[hook] !== undefined;
}
