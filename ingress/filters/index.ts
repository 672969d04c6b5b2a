/** What routes do to their requests beyond delivering them. `order.ts` lists the kinds. */
export { FilterChain } from './chain.ts';
export type { FilterConfig, FilterKind } from './config.ts';
export type { FilterContext, OwnAnswer, RequestVerdict, ResponseVerdict } from './filter.ts';
export { isAccessControl } from './order.ts';
export { FilteredRequest, FilteredResponse } from './filtered.ts';
