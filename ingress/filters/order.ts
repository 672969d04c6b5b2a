import type { FilterConfig, FilterKind } from './config.ts';
import type { Filter, FilterContext, FilterDefinition } from './filter.ts';
import { requestHeaders, responseHeaders } from './headers.ts';
import { redirect } from './redirect.ts';

/**
 * Every kind of filter. The order of the lines is the order in which requests pass them, whatever
 * the order in the route; responses pass them the other way round.
 */
const definitions: { readonly [K in FilterKind]: FilterDefinition<K> } = {
  // Before anything that costs: nobody is asked about what goes elsewhere.
  redirect,
  // Last: they have the final word on what endpoints get …
  'request-headers': requestHeaders,
  // … and the first on what comes back, so that the other filters' own fields stay.
  'response-headers': responseHeaders,
};

const order: readonly string[] = Object.keys(definitions);

/** For sorting filters into the order in which requests pass them. */
export function byFilterOrder(a: FilterConfig, b: FilterConfig): number {
  return order.indexOf(a.kind) - order.indexOf(b.kind);
}

/** Makes one filter. */
export function createFilter<K extends FilterKind>(
  config: FilterConfig<K>,
  context: FilterContext,
): Filter {
  return definitions[config.kind].create(config, context);
}

/** Whether a filter decides who may pass. */
export function isAccessControl({ kind }: FilterConfig): boolean {
  return definitions[kind].isAccessControl;
}
