import { valuesOf } from './fields.ts';
import type { FilterDefinition } from './filter.ts';

/** What endpoints' cookies say that clients must not see. */
export interface CookieRewriteSettings {
  readonly domain: Replacement | undefined;
  readonly path: Replacement | undefined;
}

export interface Replacement {
  readonly from: string;
  readonly to: string;
}

/** Replaces the Domain and Path of cookies: `proxy-cookie-domain`, `proxy-cookie-path`. */
export const cookieRewrite: FilterDefinition<'cookie-rewrite'> = {
  isAccessControl: false,
  create: ({ domain, path }) => ({
    response({ fields, edits }) {
      const cookies = fields ? valuesOf(fields, 'set-cookie') : [];
      if (cookies.length === 0) return undefined;
      edits.remove('Set-Cookie');
      for (const cookie of cookies) {
        const [pair = '', ...attributes] = cookie.split(';');
        const rewritten = attributes.map((one) => rewriteAttribute(one, domain, path));
        edits.add('Set-Cookie', [pair, ...rewritten].join(';'));
      }
      return undefined;
    },
  }),
};

function rewriteAttribute(
  attribute: string,
  domain: Replacement | undefined,
  path: Replacement | undefined,
): string {
  const [, name = '', value = ''] = /^\s*(domain|path)\s*=\s*(.*?)\s*$/i.exec(attribute) ?? [];
  switch (name.toLowerCase()) {
    case 'domain':
      if (domain === undefined) return attribute;
      return value.replace(/^\./, '').toLowerCase() === domain.from.replace(/^\./, '').toLowerCase()
        ? ` ${name}=${domain.to}`
        : attribute;
    case 'path':
      return path !== undefined && value.startsWith(path.from)
        ? ` ${name}=${path.to}${value.slice(path.from.length)}`
        : attribute;
    default:
      return attribute;
  }
}
