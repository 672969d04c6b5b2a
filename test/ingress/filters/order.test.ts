import { equal } from 'node:assert/strict';
import { test } from 'node:test';
import { exchange, get, ok, parse } from '../engines/compat/rig.ts';
import { filterRig } from './rig.ts';

const redirect = { kind: 'redirect', status: 302 } as const;
const headers = { kind: 'request-headers', remove: [], set: [['X-A', '1']], add: [] } as const;

for (const filters of [
  [redirect, headers],
  [headers, redirect],
] as const) {
  test(`the order in the route does not matter: ${filters[0].kind} first`, async () => {
    await using one = await filterRig(filters, ok('done'));
    const { status } = parse(await exchange(one.rig.port, get('/app', 'Connection: close')));
    equal(status, 302);
    equal(one.upstream.connections.length, 0);
  });
}
