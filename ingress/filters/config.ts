import type { RedirectSettings } from './redirect.ts';
import type { HeaderChanges } from './headers.ts';

/** What each kind of filter is told, as plain data. */
export interface FilterSettings {
  readonly redirect: RedirectSettings;
  readonly 'request-headers': HeaderChanges;
  readonly 'response-headers': HeaderChanges;
}

export type FilterKind = keyof FilterSettings;

/** One filter of a route. Plain data: it crosses process borders. */
export type FilterConfig<K extends FilterKind = FilterKind> = {
  [P in K]: { readonly kind: P } & FilterSettings[P];
}[K];
