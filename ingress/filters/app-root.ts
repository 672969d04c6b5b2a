import type { FilterDefinition } from './filter.ts';

/** Where the application's first page is. */
export interface AppRootSettings {
  /** An absolute path. */
  readonly path: string;
}

/** Sends those who ask for `/` to the application's first page: `app-root`. */
export const appRoot: FilterDefinition<'app-root'> = {
  isAccessControl: false,
  create: ({ path }) => ({
    request({ head, client }) {
      if (head.target !== '/') return undefined;
      const location = `${client.scheme}://${head.host}${path}`;
      return { status: 302, fields: [['Location', location]], reason: 'app-root' };
    },
  }),
};
