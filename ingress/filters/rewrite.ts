import { mergedSlashes } from '../router/normalize-path.ts';
import { compilePattern } from '../pattern/index.ts';
import type { FilterDefinition } from './filter.ts';

/** What endpoints are asked for instead. */
export interface RewriteSettings {
  /** Matched against the path; `$1` … `$9` in the texts stand for its groups. */
  readonly pattern: string;
  /** A path; or a URL, to which clients are sent. */
  readonly target: string;
  /** X-Forwarded-Prefix for endpoints. */
  readonly prefix: string | undefined;
}

/** Replaces the path: `rewrite-target`. */
export const rewrite: FilterDefinition<'rewrite'> = {
  isAccessControl: false,
  create({ pattern: source, target, prefix }) {
    const pattern = compilePattern(source);
    const isRedirect = /^https?:\/\//.test(target);
    return {
      request(request) {
        const groups = pattern.exec(mergedSlashes(request.path));
        // The router chose the route by the same pattern, so it matches but for odd encodings.
        if (!groups) return undefined;
        const query = request.head.target.indexOf('?');
        const suffix = query < 0 ? '' : request.head.target.slice(query);
        const filled = fill(target, groups) + suffix;
        if (isRedirect) return { status: 302, fields: [['Location', filled]], reason: 'redirect' };
        request.target = filled.startsWith('/') ? filled : `/${filled}`;
        if (prefix !== undefined) request.edits.set('X-Forwarded-Prefix', fill(prefix, groups));
        return undefined;
      },
    };
  },
};

function fill(template: string, groups: readonly (string | undefined)[]): string {
  return template.replaceAll(/\$(\d)/g, (_, digit: string) => groups[Number(digit)] ?? '');
}
