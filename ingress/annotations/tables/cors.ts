import { type AnnotationTable, acts, row } from '../annotation.ts';
import { boolean, grammar, type Grammar, integer, pattern } from '../grammar.ts';

/** Cross-origin requests (Fetch standard). */
export interface CorsValues {
  'enable-cors': boolean;
  'cors-allow-origin': readonly string[];
  'cors-allow-methods': string;
  'cors-allow-headers': string;
  'cors-expose-headers': string;
  'cors-allow-credentials': boolean;
  'cors-max-age': number;
}

const origin = /^(\*|null|[a-z][a-z0-9+.-]*:\/\/(\*\.)?[A-Za-z0-9\-.[\]:]+)$/i;

/** Bad items are skipped, as in ingress-nginx, as long as one is good. */
const origins: Grammar<readonly string[]> = grammar(
  'scheme://host[:port], scheme://*.host, null or *',
  (text) => {
    const good = text
      .split(',')
      .map((one) => one.trim())
      .filter((one) => origin.test(one));
    return good.length > 0 ? good : undefined;
  },
);

const names = pattern('header names with commas', /^[A-Za-z0-9\-_, ]*$/);

/** CORS. */
export const cors: AnnotationTable<CorsValues> = {
  'enable-cors': row(boolean, 'false', 'path', 'Low', 1),
  'cors-allow-origin': row(
    origins,
    '*',
    'path',
    'Medium',
    1,
    acts('an origin must match whole, not at its end alone'),
  ),
  'cors-allow-methods': row(
    pattern('methods with commas', /^[A-Za-z, ]*$/),
    'GET, PUT, POST, DELETE, PATCH, OPTIONS',
    'path',
    'Medium',
    1,
  ),
  'cors-allow-headers': row(
    names,
    'DNT,Keep-Alive,User-Agent,X-Requested-With,If-Modified-Since,Cache-Control,Content-Type,Range,Authorization',
    'path',
    'Medium',
    1,
  ),
  'cors-expose-headers': row(
    pattern('header names with commas, or *', /^(\*|[A-Za-z0-9\-_, ]*)$/),
    '',
    'path',
    'Medium',
    1,
  ),
  'cors-allow-credentials': row(boolean, 'true', 'path', 'Low', 1),
  'cors-max-age': row(integer(0), '1728000', 'path', 'Low', 1),
};
