/** What routes do to their requests beyond delivering them. `order.ts` lists the kinds. */
export { FilterChain } from './chain.ts';
export { HttpClient } from './http-ask.ts';
export { MemoryLimitStore } from './limit-store.ts';
export type { FilterConfig, FilterKind } from './config.ts';
export type { FilterContext, OwnAnswer, RequestVerdict, ResponseVerdict } from './filter.ts';
export { isAccessControl } from './order.ts';
export { FilteredRequest, FilteredResponse } from './filtered.ts';
