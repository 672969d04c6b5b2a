import type { FilterDefinition } from './filter.ts';

/** One place for everybody. */
export interface RedirectUrlSettings {
  readonly status: number;
  /** As sent, whatever was asked for. */
  readonly location: string;
}

/** Sends clients to one URL: `permanent-redirect` and `temporal-redirect`. */
export const redirectUrl: FilterDefinition<'redirect-url'> = {
  isAccessControl: false,
  create({ status, location }) {
    const answer = { status, fields: [['Location', location]], reason: 'redirect' } as const;
    return { request: () => answer };
  },
};
