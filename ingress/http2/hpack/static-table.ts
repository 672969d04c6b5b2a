import { HeaderField } from './header-field.ts';

/** RFC 7541, Appendix A, from index 1 on: a name, and a value where there is one. */
const text = `:authority
:method GET
:method POST
:path /
:path /index.html
:scheme http
:scheme https
:status 200
:status 204
:status 206
:status 304
:status 400
:status 404
:status 500
accept-charset
accept-encoding gzip, deflate
accept-language
accept-ranges
accept
access-control-allow-origin
age
allow
authorization
cache-control
content-disposition
content-encoding
content-language
content-length
content-location
content-range
content-type
cookie
date
etag
expect
expires
from
host
if-match
if-modified-since
if-none-match
if-range
if-unmodified-since
last-modified
link
location
max-forwards
proxy-authenticate
proxy-authorization
range
referer
refresh
retry-after
server
set-cookie
strict-transport-security
transfer-encoding
user-agent
vary
via
www-authenticate`;

/** Index 0 stands for nothing, so that others are what the RFC says. */
export const staticTable: readonly (HeaderField | undefined)[] = [
  undefined,
  ...text.split('\n').map((row) => {
    const [name = '', ...value] = row.split(' ');
    return new HeaderField(name, value.join(' '));
  }),
];

/** Of the last static entry: dynamic ones follow (RFC 7541 §2.3.3). */
export const lastStaticIndex = 61;

/** By name: the first index that has it. */
export const staticNames: ReadonlyMap<string, number> = new Map(
  staticTable.flatMap((entry, index) => (entry ? [[entry.name, index] as const] : [])).toReversed(),
);

/** Each entry with a value, as `name: value`. */
export const staticLines: ReadonlyMap<string, number> = new Map(
  staticTable.flatMap((entry, index) =>
    entry && entry.value !== '' ? [[`${entry.name}: ${entry.value}`, index] as const] : [],
  ),
);
