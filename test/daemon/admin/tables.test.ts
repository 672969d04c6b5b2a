import { doesNotMatch, match } from 'node:assert/strict';
import { test } from 'node:test';
import { tablesAsJson } from '../../../daemon/admin/tables.ts';
import type { Route, RouteTable } from '../../../ingress/compile/table.ts';
import { filterSteps } from '../../../daemon/trace/filter-steps.ts';

const hidden = 'never to be seen';

const route: Route = {
  id: 'a',
  path: '/',
  pathType: 'Prefix',
  match: { kind: 'prefix', path: '' },
  backend: { kind: 'pool', pool: 'p' },
  httpsRedirect: false,
  filters: [
    { kind: 'rewrite', target: '/x', pattern: undefined } as unknown as Route['filters'][number],
    {
      kind: 'access',
      sources: undefined,
      basic: { realm: 'shop', users: [['ann', hidden]] },
      external: undefined,
      satisfy: 'all',
      open: [],
    },
  ],
  options: { tls: { verify: true, serverName: 'inner', privateKeyPem: hidden } },
  ingress: { kind: 'Ingress', namespace: 'shop', name: 'web' },
};

const table: RouteTable = {
  generation: 1,
  hosts: new Map([
    [
      'shop.test',
      {
        host: 'shop.test',
        routes: [route],
        defaultBackend: undefined,
        certificate: 'shop/tls',
        tls: true,
        httpsRedirect: false,
      },
    ],
  ]),
  pools: new Map(),
  certificates: new Map([
    [
      'shop/tls',
      {
        id: 'shop/tls',
        fingerprint: 'f',
        certificatePem: 'public',
        privateKeyPem: hidden,
        serverNames: ['shop.test'],
        notAfterMs: 0,
      },
    ],
  ]),
  defaultBackend: undefined,
};

test('tables are shown without keys and password hashes', () => {
  const text = JSON.stringify(tablesAsJson({ l4: undefined, dns: undefined, ingress: table }));
  match(text, /"realm":"shop"/);
  match(text, /"certificatePem":"public"/);
  doesNotMatch(text, new RegExp(hidden));
});

test('so are the filters of a trace, in the order in which requests pass them', () => {
  const text = JSON.stringify(filterSteps(route));
  match(text, /access.*rewrite.*options/);
  match(text, /serverName/);
  doesNotMatch(text, new RegExp(hidden));
});
