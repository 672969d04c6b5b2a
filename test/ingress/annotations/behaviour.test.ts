import { equal } from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Annotations,
  annotated,
  type Answer,
  type Seen,
  type Sent,
  startEndpoint,
  startSite,
} from './rig.ts';

/** One request through a running engine: annotations, what is asked, what must come of it. */
interface Case {
  readonly why: string;
  readonly set: Annotations;
  readonly path?: string;
  readonly pathType?: 'Exact' | 'Prefix' | 'ImplementationSpecific';
  readonly tls?: true;
  readonly ask: string;
  readonly sent?: Sent;
  readonly status: number;
  /** Fields of the answer; '' for one that must not be there. */
  readonly fields?: Readonly<Record<string, string>>;
  /** What the endpoint got; undefined: it must not have been asked. */
  readonly seen?: { readonly url?: string; readonly fields?: Readonly<Record<string, string>> };
}

const basic = (text: string): string =>
  `Authorization: Basic ${Buffer.from(text).toString('base64')}`;

const cases: readonly Case[] = [
  // rewriting
  {
    why: 'captures',
    set: { 'rewrite-target': '/$2' },
    path: '/x(/|$)(.*)',
    pathType: 'ImplementationSpecific',
    ask: '/x/a/b?q=1',
    status: 200,
    seen: { url: '/a/b?q=1' },
  },
  {
    why: 'captures, nothing behind',
    set: { 'rewrite-target': '/$2' },
    path: '/x(/|$)(.*)',
    pathType: 'ImplementationSpecific',
    ask: '/x',
    status: 200,
    seen: { url: '/' },
  },
  {
    why: 'no captures: exactly the target',
    set: { 'rewrite-target': '/fixed' },
    path: '/x',
    ask: '/x/a/b',
    status: 200,
    seen: { url: '/fixed' },
  },
  {
    why: 'case is ignored',
    set: { 'use-regex': 'true' },
    path: '/Foo',
    pathType: 'Exact',
    ask: '/foobar',
    status: 200,
    seen: { url: '/foobar' },
  },
  {
    why: 'a URL as target is a redirect',
    set: { 'rewrite-target': 'https://b.test/$1' },
    path: '/x/(.*)',
    pathType: 'ImplementationSpecific',
    ask: '/x/a',
    status: 302,
    fields: { location: 'https://b.test/a' },
  },
  {
    why: 'equal to the path: nothing',
    set: { 'rewrite-target': '/x' },
    path: '/x',
    ask: '/x/y',
    status: 200,
    seen: { url: '/x/y' },
  },
  {
    why: 'x-forwarded-prefix',
    set: { 'rewrite-target': '/$1', 'x-forwarded-prefix': '/x' },
    path: '/x/(.*)',
    pathType: 'ImplementationSpecific',
    ask: '/x/a',
    status: 200,
    seen: { url: '/a', fields: { 'x-forwarded-prefix': '/x' } },
  },
  {
    why: 'upstream-vhost',
    set: { 'upstream-vhost': 'inner.test' },
    ask: '/',
    status: 200,
    seen: { fields: { host: 'inner.test' } },
  },
  {
    why: 'app-root',
    set: { 'app-root': '/home' },
    ask: '/',
    status: 302,
    fields: { location: 'http://app.test/home' },
  },
  {
    why: 'app-root elsewhere',
    set: { 'app-root': '/home' },
    ask: '/a',
    status: 200,
    seen: { url: '/a' },
  },
  // redirects
  {
    why: 'permanent-redirect',
    set: { 'permanent-redirect': 'https://b.test/x' },
    ask: '/a?q',
    status: 301,
    fields: { location: 'https://b.test/x' },
  },
  {
    why: 'permanent-redirect-code',
    set: { 'permanent-redirect': 'https://b.test/x', 'permanent-redirect-code': '308' },
    ask: '/',
    status: 308,
  },
  {
    why: 'temporal wins',
    set: { 'permanent-redirect': 'https://b.test/x', 'temporal-redirect': 'https://c.test/' },
    ask: '/',
    status: 302,
    fields: { location: 'https://c.test/' },
  },
  {
    why: 'relative-redirects',
    set: { 'permanent-redirect': 'https://b.test/x', 'relative-redirects': 'true' },
    ask: '/',
    status: 301,
    fields: { location: '/x' },
  },
  {
    why: 'force-ssl-redirect',
    set: { 'force-ssl-redirect': 'true' },
    ask: '/a/?q',
    status: 308,
    fields: { location: 'https://app.test/a/?q' },
  },
  {
    why: 'one trailing slash is cut',
    set: { 'force-ssl-redirect': 'true' },
    ask: '/a/',
    status: 308,
    fields: { location: 'https://app.test/a' },
  },
  {
    why: 'preserve-trailing-slash',
    set: { 'force-ssl-redirect': 'true', 'preserve-trailing-slash': 'true' },
    ask: '/a/',
    status: 308,
    fields: { location: 'https://app.test/a/' },
  },
  {
    why: 'ACME stays on http',
    set: { 'force-ssl-redirect': 'true' },
    ask: '/.well-known/acme-challenge/t',
    status: 200,
    seen: {},
  },
  { why: 'ssl-redirect with tls', set: {}, tls: true, ask: '/a', status: 308 },
  {
    why: 'ssl-redirect off',
    set: { 'ssl-redirect': 'false' },
    tls: true,
    ask: '/a',
    status: 200,
    seen: {},
  },
  {
    why: 'permanent-redirect before https',
    set: { 'permanent-redirect': 'https://b.test/' },
    tls: true,
    ask: '/a',
    status: 301,
  },
  {
    why: 'the missing slash',
    set: {},
    path: '/foo/',
    ask: '/foo?q',
    status: 301,
    fields: { location: 'http://app.test/foo/?q' },
  },
  // access
  {
    why: 'allowlist, inside',
    set: { 'whitelist-source-range': '127.0.0.0/8, ::1' },
    ask: '/',
    status: 200,
    seen: {},
  },
  {
    why: 'allowlist, outside',
    set: { 'allowlist-source-range': '10.0.0.0/8' },
    ask: '/',
    status: 403,
  },
  { why: 'denylist', set: { 'denylist-source-range': '127.0.0.1' }, ask: '/', status: 403 },
  {
    why: 'deny wins',
    set: { 'denylist-source-range': '127.0.0.1', 'allowlist-source-range': '127.0.0.1' },
    ask: '/',
    status: 403,
  },
  {
    why: 'a list that is none closes',
    set: { 'allowlist-source-range': '10.0.0.0/8; allow all' },
    ask: '/',
    status: 503,
  },
  {
    why: 'auth without Secret closes',
    set: { 'auth-type': 'basic', 'auth-secret': 'gone' },
    ask: '/',
    sent: { fields: [basic('a:b')] },
    status: 503,
  },
  {
    why: 'digest closes',
    set: { 'auth-type': 'digest', 'auth-secret': 'users' },
    ask: '/',
    status: 503,
  },
  {
    why: 'Secret of another namespace closes',
    set: { 'auth-type': 'basic', 'auth-secret': 'other/users' },
    ask: '/',
    status: 503,
  },
  {
    why: 'client certificates close',
    set: { 'auth-tls-secret': 'default/ca' },
    ask: '/',
    status: 503,
  },
  // CORS
  {
    why: 'preflight',
    set: { 'enable-cors': 'true' },
    ask: '/',
    sent: { method: 'OPTIONS', fields: ['Origin: https://a.test'] },
    status: 204,
    fields: {
      'access-control-allow-origin': '*',
      'access-control-allow-methods': 'GET, PUT, POST, DELETE, PATCH, OPTIONS',
      'access-control-max-age': '1728000',
      'access-control-allow-credentials': 'true',
    },
  },
  {
    why: 'a listed origin',
    set: { 'enable-cors': 'true', 'cors-allow-origin': 'https://a.test, https://*.b.test' },
    ask: '/',
    sent: { fields: ['Origin: https://x.b.test'] },
    status: 200,
    fields: { 'access-control-allow-origin': 'https://x.b.test' },
    seen: {},
  },
  {
    why: 'another origin',
    set: { 'enable-cors': 'true', 'cors-allow-origin': 'https://a.test' },
    ask: '/',
    sent: { fields: ['Origin: https://evil-a.test'] },
    status: 200,
    fields: { 'access-control-allow-origin': '' },
    seen: {},
  },
  {
    why: 'OPTIONS of another origin is delivered',
    set: { 'enable-cors': 'true', 'cors-allow-origin': 'https://a.test' },
    ask: '/',
    sent: { method: 'OPTIONS', fields: ['Origin: https://b.test'] },
    status: 200,
    seen: {},
  },
  {
    why: 'no credentials, exposed headers',
    set: { 'enable-cors': 'true', 'cors-allow-credentials': 'false', 'cors-expose-headers': 'X-A' },
    ask: '/',
    sent: { fields: ['Origin: https://a.test'] },
    status: 200,
    fields: { 'access-control-allow-credentials': '', 'access-control-expose-headers': 'X-A' },
    seen: {},
  },
  {
    why: 'lists as given',
    set: {
      'enable-cors': 'true',
      'cors-allow-methods': 'GET',
      'cors-allow-headers': 'X-B',
      'cors-max-age': '5',
    },
    ask: '/',
    sent: { method: 'OPTIONS', fields: ['Origin: https://a.test'] },
    status: 204,
    fields: {
      'access-control-allow-methods': 'GET',
      'access-control-allow-headers': 'X-B',
      'access-control-max-age': '5',
    },
  },
  {
    why: 'another code',
    set: { 'temporal-redirect': 'https://b.test/', 'temporal-redirect-code': '307' },
    ask: '/',
    status: 307,
  },
  {
    why: 'server-snippet',
    set: { 'server-snippet': 'add_header X-A b always; proxy_hide_header X-B;' },
    ask: '/',
    status: 200,
    fields: { 'x-a': 'b' },
    seen: {},
  },
  {
    why: 'preflight before authentication',
    set: { 'enable-cors': 'true', 'allowlist-source-range': '10.0.0.0/8' },
    ask: '/',
    sent: { method: 'OPTIONS', fields: ['Origin: https://a.test'] },
    status: 204,
  },
  // sizes
  {
    why: 'proxy-body-size, declared',
    set: { 'proxy-body-size': '4' },
    ask: '/',
    sent: { method: 'POST', body: '12345' },
    status: 413,
  },
  {
    why: 'proxy-body-size, fits',
    set: { 'proxy-body-size': '5' },
    ask: '/',
    sent: { method: 'POST', body: '12345' },
    status: 200,
    seen: {},
  },
  {
    why: '1 MiB where nobody says',
    set: {},
    ask: '/',
    sent: { method: 'POST', fields: ['X-A: 1'], body: 'x'.repeat(1_048_577) },
    status: 413,
  },
  // snippets
  {
    why: 'more_set_headers with a variable',
    set: { 'configuration-snippet': 'more_set_headers "Request-Id: $req_id";' },
    ask: '/',
    sent: { fields: ['X-Request-ID: abc'] },
    status: 200,
    fields: { 'request-id': 'abc' },
    seen: {},
  },
  {
    why: 'proxy_set_header',
    set: { 'configuration-snippet': 'proxy_set_header X-From "me; you";' },
    ask: '/',
    status: 200,
    seen: { fields: { 'x-from': 'me; you' } },
  },
  {
    why: 'a snippet that denies closes',
    set: { 'configuration-snippet': 'deny 10.0.0.0/8;' },
    ask: '/',
    status: 503,
  },
  {
    why: 'a snippet not understood is left out',
    set: { 'configuration-snippet': 'sub_filter a b;' },
    ask: '/',
    status: 200,
    seen: {},
  },
];

for (const one of cases) {
  const names = Object.keys(one.set).join(', ') || 'no annotation';
  test(`${names}: ${one.why}`, async () => {
    await using endpoint = await startEndpoint();
    await using site = await startSite([annotated(one.set, one)], {
      services: { app: endpoint.port },
    });
    const answer = await site.send(one.ask, one.sent);
    checkAnswer(one, answer);
    checkSeen(one, endpoint.requests);
  });
}

function checkAnswer({ status, fields = {} }: Case, answer: Answer): void {
  equal(answer.status, status);
  for (const [name, value] of Object.entries(fields)) {
    equal(answer.headers.get(name) ?? '', value, name);
  }
}

function checkSeen({ seen }: Case, requests: readonly Seen[]): void {
  equal(requests.length, seen ? 1 : 0, 'requests at the endpoint');
  const [first] = requests;
  if (seen?.url !== undefined) equal(first?.url, seen.url);
  for (const [name, value] of Object.entries(seen?.fields ?? {})) {
    equal(first?.headers[name], value, name);
  }
}
