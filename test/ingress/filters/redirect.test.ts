import { equal, match } from 'node:assert/strict';
import { test } from 'node:test';
import type { FilterConfig } from '../../../ingress/index.ts';
import { exchange, get, parse } from '../engines/compat/rig.ts';
import { filterRig } from './rig.ts';

type Redirect = Omit<Extract<FilterConfig, { kind: 'redirect' }>, 'kind'>;

const cases: readonly (readonly [string, Redirect, string, string])[] = [
  ['nothing but the status', { status: 302 }, '/app/x?q=1', 'http://app.test/app/x?q=1'],
  ['scheme', { status: 301, scheme: 'https' }, '/app', 'https://app.test/app'],
  ['host', { status: 301, host: 'b.test' }, '/app', 'http://b.test/app'],
  ['port', { status: 301, port: 8080 }, '/app', 'http://app.test:8080/app'],
  ['the port of the scheme', { status: 301, port: 80 }, '/app', 'http://app.test/app'],
  [
    'path',
    { status: 303, path: { kind: 'full', path: '/new' } },
    '/app/x?q',
    'http://app.test/new?q',
  ],
  [
    'prefix',
    { status: 307, path: { kind: 'prefix', prefix: '/v2/' } },
    '/app/x?q',
    'http://app.test/v2/x?q',
  ],
  ['prefix /', { status: 308, path: { kind: 'prefix', prefix: '/' } }, '/app', 'http://app.test/'],
  [
    'what is encoded stays',
    { status: 302 },
    '/app/%0d%0aX:%201',
    'http://app.test/app/%0d%0aX:%201',
  ],
];
for (const [what, settings, target, location] of cases) {
  test(`redirect: ${what}`, async () => {
    await using one = await filterRig([{ kind: 'redirect', ...settings }], '');
    const { status, head } = parse(await exchange(one.rig.port, get(target, 'Connection: close')));
    equal(status, settings.status);
    equal(/^Location: (.*)$/m.exec(head)?.[1]?.trim(), location);
    equal(one.upstream.connections.length, 0);
  });
}

test('redirect: the connection serves on', async () => {
  await using one = await filterRig([{ kind: 'redirect', status: 302 }], '');
  const text = await exchange(one.rig.port, get('/app'), get('/app', 'Connection: close'));
  match(text, /302 Found[^]*302 Found/);
});
