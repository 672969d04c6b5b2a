import { firstOf } from './fields.ts';
import type { FilterDefinition } from './filter.ts';

/** Which answers another Service words. */
export interface ErrorPageSettings {
  readonly statuses: readonly number[];
  /** `Pool.key` of the Service that words them. */
  readonly pool: string;
  readonly service: string;
  readonly port: string;
}

/** Has another Service say what is wrong: `custom-http-errors`. */
export const errorPages: FilterDefinition<'error-pages'> = {
  isAccessControl: false,
  create({ statuses, pool, service, port }) {
    const replaced = new Set(statuses);
    return {
      response({ status }, { head, route, requestId }) {
        if (!replaced.has(status)) return undefined;
        const fields = [
          ['X-Code', `${status}`],
          ['X-Format', firstOf(head.fields, 'accept') ?? ''],
          ['X-Original-URI', head.target],
          ['X-Namespace', route.ingress.namespace],
          ['X-Ingress-Name', route.ingress.name],
          ['X-Service-Name', service],
          ['X-Service-Port', port],
          ['X-Request-ID', requestId],
        ] as const;
        return { pool, target: '/', fields, status };
      },
    };
  },
};
