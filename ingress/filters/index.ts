/** What routes do to their requests beyond delivering them. `order.ts` lists the kinds. */
export { FilterChain } from './chain.ts';
export { HttpClient } from './http-ask.ts';
export type { LimitAnswers, LimitAsks } from './limits/asks.ts';
export { LeasedLimitStore } from './limits/leased-limit-store.ts';
export { LimitOwner } from './limits/limit-owner.ts';
export type { LimitStore } from './limits/limit-store.ts';
export { MemoryLimitStore } from './limits/memory-limit-store.ts';
export type { FilterConfig, FilterKind } from './config.ts';
export type { FilterContext, OwnAnswer, RequestVerdict, ResponseVerdict } from './filter.ts';
export { isAccessControl } from './order.ts';
export { FilteredRequest, FilteredResponse } from './filtered.ts';
