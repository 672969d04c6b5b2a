import type { FilterDefinition } from './filter.ts';

/** Another Strict-Transport-Security (RFC 6797) than the engine's own. */
export interface StrictTransportSettings {
  /** '': none. */
  readonly value: string;
}

/** Says it over https alone: RFC 6797 §7.2 forbids it elsewhere. */
export const strictTransport: FilterDefinition<'strict-transport'> = {
  isAccessControl: false,
  create: ({ value }) => ({
    response({ edits }, { client }) {
      if (client.scheme !== 'https') return undefined;
      if (value === '') edits.remove('Strict-Transport-Security');
      else edits.set('Strict-Transport-Security', value);
      return undefined;
    },
  }),
};
