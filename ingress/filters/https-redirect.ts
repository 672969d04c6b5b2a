import { hostName } from '../router/index.ts';
import type { FilterDefinition } from './filter.ts';

/** How plain requests are sent to https. */
export interface HttpsRedirectSettings {
  readonly status: number;
  /** ingress-nginx cuts one slash off the end of the URI unless it is told to keep it. */
  readonly keepsTrailingSlash: boolean;
  /** Paths that stay on plain http, with all below them: ACME (RFC 8555 §8.3) asks there. */
  readonly exempt: readonly string[];
}

/** Sends plain requests to https, as ingress-nginx does. */
export const httpsRedirect: FilterDefinition<'https-redirect'> = {
  isAccessControl: false,
  create: ({ status, keepsTrailingSlash, exempt }, { httpsPort }) => ({
    request({ client, path, head }) {
      if (client.scheme === 'https') return undefined;
      if (exempt.some((one) => path === one || path.startsWith(`${one}/`))) return undefined;
      const port = httpsPort();
      const authority = hostName(head.host) + (port === 443 ? '' : `:${port}`);
      const target = keepsTrailingSlash ? head.target : head.target.replace(/\/$/, '');
      const fields = [['Location', `https://${authority}${target}`]] as const;
      return { status, fields, reason: 'https-redirect' };
    },
  }),
};
