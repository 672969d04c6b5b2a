import { type AnnotationTable, acts, ignored, row, warned } from '../annotation.ts';
import { aliasName, url } from '../grammar-network.ts';
import { boolean, integer, list, pattern } from '../grammar.ts';

/** Where requests go instead: rewrites, redirects, further names. */
export interface RewritingValues {
  'rewrite-target': string;
  'use-regex': boolean;
  'app-root': string;
  'ssl-redirect': boolean;
  'force-ssl-redirect': boolean;
  'preserve-trailing-slash': boolean;
  'permanent-redirect': string;
  'permanent-redirect-code': number;
  'temporal-redirect': string;
  'temporal-redirect-code': number;
  'relative-redirects': boolean;
  'from-to-www-redirect': boolean;
  'server-alias': readonly string[];
  'x-forwarded-prefix': string;
  'use-port-in-redirects': boolean;
  'enable-rewrite-log': boolean;
}

const rewriteTarget = pattern(
  'a path of letters, digits and -._~/:, with $1 to $9',
  /^\/?[A-Za-z0-9\-._~/:$]*$/,
);
const path = pattern('an absolute path', /^\/[^\s"'\\;{}]*$/);

/** Rewriting and redirects. */
export const rewriting: AnnotationTable<RewritingValues> = {
  'rewrite-target': row(rewriteTarget, '', 'path', 'Medium', 1),
  'use-regex': row(boolean, 'false', 'host', 'Low', 1),
  'app-root': row(path, '', 'host', 'Medium', 2),
  'ssl-redirect': row(boolean, 'true', 'path', 'Low', 1),
  'force-ssl-redirect': row(boolean, 'false', 'path', 'Medium', 1),
  'preserve-trailing-slash': row(boolean, 'false', 'path', 'Medium', 1),
  'permanent-redirect': row(url, '', 'path', 'Medium', 2),
  'permanent-redirect-code': row(integer(300, 308), '301', 'path', 'Low', 2),
  'temporal-redirect': row(url, '', 'path', 'Medium', 2),
  'temporal-redirect-code': row(integer(300, 307), '302', 'path', 'Low', 2),
  'relative-redirects': row(boolean, 'false', 'path', 'Low', 2, acts('redirects to a path alone')),
  'from-to-www-redirect': row(
    boolean,
    'false',
    'host',
    'Low',
    2,
    acts('the Location names no port unless https is served on another than 443'),
  ),
  'server-alias': row(
    list(aliasName),
    '',
    'host',
    'High',
    2,
    acts('names alone: a regular expression is left out, with a warning'),
  ),
  'x-forwarded-prefix': row(path, '', 'path', 'Medium', 2),
  'use-port-in-redirects': row(
    boolean,
    'false',
    'path',
    'Low',
    3,
    ignored('redirects name the https port whenever it is not 443'),
  ),
  'enable-rewrite-log': row(boolean, 'false', 'path', 'Low', 3, warned('portolan trace')),
};
