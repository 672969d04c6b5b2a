import { type AnnotationTable, access, acts, ignored, row, warned } from '../annotation.ts';
import { network, type ObjectName, objectName, url, urlTemplate } from '../grammar-network.ts';
import { boolean, integer, list, onOff, pattern, text, token, word } from '../grammar.ts';

/** Who may pass. Values that cannot be read close the routes. */
export interface AccessValues {
  'allowlist-source-range': readonly string[];
  'denylist-source-range': readonly string[];
  satisfy: 'all' | 'any';
  'auth-type': 'basic' | 'digest';
  'auth-secret': ObjectName;
  'auth-secret-type': 'auth-file' | 'auth-map';
  'auth-realm': string;
  'auth-url': string;
  'auth-signin': string;
  'auth-signin-redirect-param': string;
  'auth-method': string;
  'auth-response-headers': readonly string[];
  'auth-proxy-set-headers': ObjectName;
  'auth-request-redirect': string;
  'auth-always-set-cookie': boolean;
  'auth-cache-key': string;
  'auth-cache-duration': string;
  'auth-keepalive': number;
  'auth-keepalive-requests': number;
  'auth-keepalive-timeout': number;
  'auth-keepalive-share-vars': boolean;
  'enable-global-auth': boolean;
  'auth-tls-secret': ObjectName;
  'auth-tls-verify-client': 'on' | 'off' | 'optional' | 'optional_no_ca';
  'auth-tls-verify-depth': number;
  'auth-tls-pass-certificate-to-upstream': boolean;
  'auth-tls-match-cn': string;
  'auth-tls-error-page': string;
  'proxy-ssl-secret': ObjectName;
  'proxy-ssl-verify': boolean;
  'proxy-ssl-verify-depth': number;
  'proxy-ssl-name': string;
  'proxy-ssl-server-name': boolean;
  'proxy-ssl-protocols': string;
  'proxy-ssl-ciphers': string;
  'ssl-ciphers': string;
  'ssl-prefer-server-ciphers': boolean;
}

const networks = list(network);
const method = word([
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'CONNECT',
  'OPTIONS',
  'TRACE',
]);
const ciphers = pattern('OpenSSL cipher names', /^[A-Za-z0-9!:+\-_@ =]+$/);
const noPool = ignored('connections to the authentication service are always kept');
const anyDepth = ignored('chains of any length are believed that end at a certificate of ca.crt');
const serverName = pattern('a DNS name', /^[A-Za-z0-9\-._]{1,253}$/);
const protocols = pattern(
  'protocols such as "TLSv1.2 TLSv1.3"',
  /^(?:SSLv[23]|TLSv1(?:\.[0-3])?)(?: +(?:SSLv[23]|TLSv1(?:\.[0-3])?))*$/,
);
const plainRefused =
  'where plain http is not sent to https it is answered 403; a request for another host than that of its TLS handshake, 421; without a usable Secret 503';
const oneOfHost = warned('the cipher suites of the TLS library');

/** Access control, and TLS on both sides. */
export const accessControl: AnnotationTable<AccessValues> = {
  'allowlist-source-range': row(networks, 'every address', 'path', 'Medium', 1, acts(), {
    ...access,
    alias: 'whitelist-source-range',
  }),
  'denylist-source-range': row(networks, '', 'path', 'Medium', 2, acts(), access),
  satisfy: row(word(['all', 'any']), 'all', 'path', 'Low', 2, acts(), access),
  'auth-type': row(
    word(['basic', 'digest']),
    '',
    'path',
    'Low',
    1,
    acts('digest closes the routes: basic over TLS, or auth-url'),
    access,
  ),
  'auth-secret': row(
    objectName,
    '',
    'path',
    'Medium',
    1,
    acts(
      'hashes: {PLAIN}, {SHA}, {SSHA}, apr1, MD5-, SHA-256- and SHA-512-crypt, bcrypt; the DES crypt of old lets nobody in',
    ),
    access,
  ),
  'auth-secret-type': row(
    word(['auth-file', 'auth-map']),
    'auth-file',
    'path',
    'Low',
    1,
    acts(),
    access,
  ),
  'auth-realm': row(pattern('text without quotes', /^[^"\\]*$/), '', 'path', 'Medium', 1),
  'auth-url': row(urlTemplate, '', 'path', 'High', 2, acts(), access),
  'auth-signin': row(urlTemplate, '', 'path', 'High', 2, acts(), access),
  'auth-signin-redirect-param': row(token, 'rd', 'path', 'Medium', 2),
  'auth-method': row(method, 'GET', 'path', 'Low', 2, acts(), access),
  'auth-response-headers': row(list(token), '', 'path', 'Medium', 2, acts(), access),
  'auth-proxy-set-headers': row(objectName, '', 'path', 'Medium', 2, acts(), access),
  'auth-request-redirect': row(text, '', 'path', 'Medium', 2),
  'auth-always-set-cookie': row(boolean, 'false', 'path', 'Low', 2),
  'auth-cache-key': row(text, '', 'path', 'Medium', 2, ignored('the service is asked each time')),
  'auth-cache-duration': row(
    text,
    '200 202 401 5m',
    'path',
    'Medium',
    2,
    ignored('the service is asked each time'),
  ),
  'auth-keepalive': row(integer(0), '0', 'path', 'Low', 2, noPool),
  'auth-keepalive-requests': row(integer(0), '1000', 'path', 'Low', 2, noPool),
  'auth-keepalive-timeout': row(integer(0), '60', 'path', 'Low', 2, noPool),
  'auth-keepalive-share-vars': row(boolean, 'false', 'path', 'Low', 2, noPool),
  'enable-global-auth': row(boolean, 'true', 'path', 'Low', 2, acts(), access),
  'auth-tls-secret': row(objectName, '', 'host', 'Medium', 2, acts(plainRefused), access),
  'auth-tls-verify-client': row(
    word(['on', 'off', 'optional', 'optional_no_ca']),
    'on',
    'host',
    'Medium',
    2,
    acts(),
    access,
  ),
  'auth-tls-verify-depth': row(integer(0, 100), '1', 'host', 'Low', 2, anyDepth),
  'auth-tls-pass-certificate-to-upstream': row(boolean, 'false', 'host', 'Low', 2),
  'auth-tls-match-cn': row(
    pattern('CN= and a regular expression', /^CN=.+$/),
    '',
    'host',
    'High',
    2,
    acts(),
    access,
  ),
  'auth-tls-error-page': row(url, '', 'host', 'High', 2),
  'proxy-ssl-secret': row(objectName, '', 'path', 'Medium', 2, acts(), access),
  'proxy-ssl-verify': row(
    onOff,
    'off',
    'path',
    'Low',
    2,
    acts('without proxy-ssl-name and upstream-vhost the certificate has to name the address'),
    access,
  ),
  'proxy-ssl-verify-depth': row(integer(0, 100), '1', 'path', 'Low', 2, anyDepth),
  'proxy-ssl-name': row(serverName, '', 'path', 'High', 2, acts(), access),
  'proxy-ssl-server-name': row(
    onOff,
    'off',
    'path',
    'Low',
    2,
    acts('with proxy-ssl-verify the name is asked for in any case'),
  ),
  'proxy-ssl-protocols': row(protocols, 'TLSv1.2', 'path', 'Low', 2, acts('TLS 1.2 and 1.3 alone')),
  'proxy-ssl-ciphers': row(ciphers, 'DEFAULT', 'path', 'Medium', 2),
  'ssl-ciphers': row(ciphers, '', 'host', 'Low', 2, oneOfHost),
  'ssl-prefer-server-ciphers': row(boolean, 'true', 'host', 'Low', 2, oneOfHost),
};
