import { type AnnotationTable, access, acts, ignored, row, warned } from '../annotation.ts';
import { type ObjectName, objectName, urlTemplate } from '../grammar-network.ts';
import {
  boolean,
  bytes,
  grammar,
  type Grammar,
  integer,
  list,
  onOff,
  pattern,
  seconds,
  text,
  word,
} from '../grammar.ts';

/** How requests are delivered to endpoints, and what becomes of the answers. */
export interface DeliveryValues {
  'proxy-body-size': number;
  'proxy-connect-timeout': number;
  'proxy-send-timeout': number;
  'proxy-read-timeout': number;
  'proxy-buffer-size': number;
  'proxy-buffers-number': number;
  'proxy-busy-buffers-size': number;
  'proxy-max-temp-file-size': number;
  'proxy-buffering': boolean;
  'proxy-request-buffering': boolean;
  'client-body-buffer-size': number;
  'proxy-http-version': '1.0' | '1.1';
  'proxy-next-upstream': readonly string[];
  'proxy-next-upstream-timeout': number;
  'proxy-next-upstream-tries': number;
  'backend-protocol': 'HTTP' | 'HTTPS' | 'AUTO_HTTP' | 'GRPC' | 'GRPCS' | 'FCGI';
  'fastcgi-index': string;
  'fastcgi-params-configmap': ObjectName;
  'upstream-vhost': string;
  'service-upstream': boolean;
  'ssl-passthrough': boolean;
  'custom-headers': ObjectName;
  'custom-http-errors': readonly number[];
  'default-backend': string;
  'disable-proxy-intercept-errors': boolean;
  'proxy-cookie-domain': string;
  'proxy-cookie-path': string;
  'proxy-redirect-from': string;
  'proxy-redirect-to': string;
  'mirror-target': string;
  'mirror-host': string;
  'mirror-request-body': boolean;
  'connection-proxy-header': string;
  'http2-push-preload': boolean;
  'enable-access-log': boolean;
  'enable-opentelemetry': boolean;
  'opentelemetry-trust-incoming-span': boolean;
  'opentelemetry-operation-name': string;
}

/** Words of proxy-next-upstream. */
const conditions = [
  'error',
  'timeout',
  'invalid_header',
  'http_500',
  'http_502',
  'http_503',
  'http_504',
  'http_403',
  'http_404',
  'http_429',
  'non_idempotent',
  'off',
] as const;

const nextUpstream: Grammar<readonly string[]> = grammar(
  `words of ${conditions.join(', ')}`,
  (value) => {
    const words = value.split(/\s+/).filter((one) => one !== '');
    const known: readonly string[] = conditions;
    return words.length > 0 && words.every((one) => known.includes(one)) ? words : undefined;
  },
);

const name = pattern('a host name, with port if need be', /^[A-Za-z0-9\-._~:]{1,255}$/);
const replacement = pattern('"off", or what to replace and with what', /^(off|\S+ \S+)$/);
const noDisk = ignored('bodies stream, and nothing is kept on disk');

/** Delivery. */
export const delivery: AnnotationTable<DeliveryValues> = {
  'proxy-body-size': row(bytes, '1m', 'path', 'Medium', 1, acts()),
  'proxy-connect-timeout': row(seconds, '5', 'path', 'Low', 1),
  'proxy-send-timeout': row(
    seconds,
    '60',
    'path',
    'Low',
    1,
    acts('one timeout for both directions: the longer of the two'),
  ),
  'proxy-read-timeout': row(
    seconds,
    '60',
    'path',
    'Low',
    1,
    acts('one timeout for both directions: the longer of the two'),
  ),
  'proxy-buffer-size': row(
    bytes,
    '4k',
    'path',
    'Low',
    1,
    ignored('response heads up to 64 KiB always fit'),
  ),
  'proxy-buffers-number': row(integer(1), '4', 'path', 'Low', 3, noDisk),
  'proxy-busy-buffers-size': row(bytes, '', 'path', 'Low', 3, noDisk),
  'proxy-max-temp-file-size': row(bytes, '1024m', 'path', 'Low', 3, noDisk),
  'proxy-buffering': row(onOff, 'off', 'path', 'Low', 1, ignored('responses always stream')),
  'proxy-request-buffering': row(
    onOff,
    'on',
    'path',
    'Low',
    2,
    ignored('requests always stream; one whose body has begun is not tried again'),
  ),
  'client-body-buffer-size': row(bytes, '8k', 'path', 'Low', 2, noDisk),
  'proxy-http-version': row(
    word(['1.0', '1.1']),
    '1.1',
    'path',
    'Low',
    2,
    warned('endpoints are spoken to in HTTP/1.1'),
  ),
  'proxy-next-upstream': row(nextUpstream, 'error timeout', 'path', 'Medium', 2),
  'proxy-next-upstream-timeout': row(seconds, '0', 'path', 'Low', 2),
  'proxy-next-upstream-tries': row(integer(0, 100), '3', 'path', 'Low', 2),
  'backend-protocol': row(
    word(['HTTP', 'HTTPS', 'AUTO_HTTP', 'GRPC', 'GRPCS', 'FCGI'], 'any-case'),
    'HTTP',
    'path',
    'Low',
    1,
    acts('FCGI routes answer 503; AUTO_HTTP is HTTP'),
  ),
  'fastcgi-index': row(text, '', 'path', 'Medium', 3, warned('an HTTP server beside php-fpm')),
  'fastcgi-params-configmap': row(
    objectName,
    '',
    'path',
    'Medium',
    3,
    warned('an HTTP server beside php-fpm'),
  ),
  'upstream-vhost': row(name, '', 'path', 'Low', 2),
  'service-upstream': row(boolean, 'false', 'pool', 'Low', 2),
  'ssl-passthrough': row(
    boolean,
    'false',
    'host',
    'Low',
    2,
    acts(
      'needs no flag; connections go to the endpoints, balanced; plain http is sent to https; not with the compat engine',
    ),
    access,
  ),
  'custom-headers': row(objectName, '', 'path', 'Medium', 2, acts(), access),
  'custom-http-errors': row(list(integer(400, 599)), '', 'path', 'Low', 2),
  'default-backend': row(
    pattern('the name of a Service', /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/),
    '',
    'path',
    'Low',
    2,
    acts(
      'for custom-http-errors and where the Service of the path is missing; a pool that merely lost its endpoints answers 503',
    ),
  ),
  'disable-proxy-intercept-errors': row(boolean, 'false', 'path', 'Low', 2),
  'proxy-cookie-domain': row(replacement, 'off', 'path', 'Medium', 2),
  'proxy-cookie-path': row(replacement, 'off', 'path', 'Medium', 2),
  'proxy-redirect-from': row(text, 'off', 'path', 'Medium', 2),
  'proxy-redirect-to': row(text, 'off', 'path', 'Medium', 2),
  'mirror-target': row(
    urlTemplate,
    '',
    'ingress',
    'High',
    2,
    acts('a slow mirror never slows the client; bodies are not copied'),
  ),
  'mirror-host': row(name, 'the host of the target', 'ingress', 'High', 2),
  'mirror-request-body': row(
    onOff,
    'on',
    'ingress',
    'Low',
    2,
    warned('off: copies are sent without their bodies'),
  ),
  'connection-proxy-header': row(
    word(['close', 'keep-alive'], 'any-case'),
    'keep-alive',
    'path',
    'Low',
    3,
    ignored('connections to endpoints are kept as their own answers say'),
  ),
  'http2-push-preload': row(
    boolean,
    'false',
    'path',
    'Low',
    3,
    ignored('browsers removed HTTP/2 push'),
  ),
  'enable-access-log': row(boolean, 'true', 'path', 'Low', 2),
  'enable-opentelemetry': row(
    boolean,
    '',
    'path',
    'Low',
    2,
    warned('the access log, which carries the request id; traceparent passes untouched'),
  ),
  'opentelemetry-trust-incoming-span': row(
    boolean,
    'true',
    'path',
    'Low',
    2,
    ignored('no spans are made'),
  ),
  'opentelemetry-operation-name': row(text, '', 'path', 'Medium', 2, ignored('no spans are made')),
};
