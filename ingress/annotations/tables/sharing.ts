import { type AnnotationTable, acts, ignored, row, warned } from '../annotation.ts';
import { network } from '../grammar-network.ts';
import { boolean, integer, list, pattern, text, token, word } from '../grammar.ts';

/** Who gets which share: canaries, stickiness, balancing, limits. */
export interface SharingValues {
  canary: boolean;
  'canary-by-header': string;
  'canary-by-header-value': string;
  'canary-by-header-pattern': string;
  'canary-by-cookie': string;
  'canary-weight': number;
  'canary-weight-total': number;
  affinity: 'cookie';
  'affinity-mode': 'balanced' | 'persistent';
  'affinity-canary-behavior': 'sticky' | 'legacy';
  'session-cookie-name': string;
  'session-cookie-max-age': number;
  'session-cookie-expires': number;
  'session-cookie-path': string;
  'session-cookie-domain': string;
  'session-cookie-secure': boolean;
  'session-cookie-samesite': 'None' | 'Lax' | 'Strict';
  'session-cookie-conditional-samesite-none': boolean;
  'session-cookie-change-on-failure': boolean;
  'load-balance': string;
  'upstream-hash-by': string;
  'upstream-hash-by-subset': boolean;
  'upstream-hash-by-subset-size': number;
  'limit-rps': number;
  'limit-rpm': number;
  'limit-connections': number;
  'limit-burst-multiplier': number;
  'limit-allowlist': readonly string[];
  'limit-rate': number;
  'limit-rate-after': number;
}

const cookieSeconds = integer(-1_000_000_000, 999_999_999);
const algorithms = word(
  ['round_robin', 'ewma', 'least_conn', 'ip_hash', 'random', 'chash'],
  'any-case',
);

/** Canaries, affinity, balancing and limits. */
export const sharing: AnnotationTable<SharingValues> = {
  canary: row(
    boolean,
    'false',
    'ingress',
    'Low',
    2,
    acts('where the main pool has no endpoint, a canary that has some serves'),
  ),
  'canary-by-header': row(token, '', 'ingress', 'Medium', 2),
  'canary-by-header-value': row(text, '', 'ingress', 'Medium', 2),
  'canary-by-header-pattern': row(text, '', 'ingress', 'Medium', 2),
  'canary-by-cookie': row(token, '', 'ingress', 'Medium', 2),
  'canary-weight': row(integer(0), '0', 'ingress', 'Low', 2),
  'canary-weight-total': row(integer(1), '100', 'ingress', 'Low', 2),
  affinity: row(
    word(['cookie']),
    '',
    'pool',
    'Low',
    1,
    acts('cookies that ingress-nginx gave out are not known: clients get new ones'),
  ),
  'affinity-mode': row(
    word(['balanced', 'persistent']),
    'balanced',
    'pool',
    'Medium',
    2,
    acts('a client moves only when its endpoint is gone, in both modes'),
  ),
  'affinity-canary-behavior': row(word(['sticky', 'legacy']), 'sticky', 'pool', 'Low', 2),
  'session-cookie-name': row(
    pattern('letters, digits and -._~/:', /^[A-Za-z0-9\-._~/:]+$/),
    'INGRESSCOOKIE',
    'pool',
    'Medium',
    1,
  ),
  'session-cookie-max-age': row(cookieSeconds, '', 'pool', 'Medium', 1),
  'session-cookie-expires': row(cookieSeconds, '', 'pool', 'Medium', 1),
  'session-cookie-path': row(
    pattern('an absolute path', /^\/[^\s;"',\\]*$/),
    "the rule's path",
    'pool',
    'Medium',
    1,
  ),
  'session-cookie-domain': row(pattern('a domain', /^[A-Za-z0-9\-._]+$/), '', 'pool', 'Medium', 2),
  'session-cookie-secure': row(boolean, 'true over https', 'pool', 'Low', 2),
  'session-cookie-samesite': row(word(['None', 'Lax', 'Strict'], 'any-case'), '', 'pool', 'Low', 2),
  'session-cookie-conditional-samesite-none': row(boolean, 'false', 'pool', 'Low', 2),
  'session-cookie-change-on-failure': row(
    boolean,
    'false',
    'pool',
    'Low',
    2,
    acts('a client whose endpoint failed is always tied anew'),
  ),
  'load-balance': row(
    algorithms,
    'round_robin',
    'pool',
    'Low',
    2,
    acts('ewma: the less busy of two drawn at random; first Ingress that names the pool decides'),
  ),
  'upstream-hash-by': row(text, '', 'pool', 'High', 2, acts()),
  'upstream-hash-by-subset': row(boolean, 'false', 'pool', 'Low', 2),
  'upstream-hash-by-subset-size': row(integer(1, 10_000), '3', 'pool', 'Low', 2),
  'limit-rps': row(integer(1), '', 'ingress', 'Low', 2),
  'limit-rpm': row(integer(1), '', 'ingress', 'Low', 2),
  'limit-connections': row(integer(1), '', 'ingress', 'Low', 2),
  'limit-burst-multiplier': row(integer(1, 1000), '5', 'ingress', 'Low', 2),
  'limit-allowlist': row(list(network), '', 'ingress', 'Low', 2, acts(), {
    alias: 'limit-whitelist',
  }),
  'limit-rate': row(integer(0), '0', 'path', 'Low', 2, warned('limits of the application')),
  'limit-rate-after': row(
    integer(0),
    '0',
    'path',
    'Low',
    2,
    ignored('counts only beside limit-rate'),
  ),
};
