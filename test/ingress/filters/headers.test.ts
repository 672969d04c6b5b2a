import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import type { FilterConfig } from '../../../ingress/index.ts';
import { exchange, get, ok, parse } from '../engines/compat/rig.ts';
import { filterRig } from './rig.ts';

const none = { remove: [], set: [], add: [] };

const onRequests = [
  ['a field is set', { ...none, set: [['X-Tier', 'gold']] }, [], ['gold']],
  [
    'in place of what the client sent',
    { ...none, set: [['x-tier', 'gold']] },
    ['X-Tier: tin', 'X-TIER: lead'],
    ['gold'],
  ],
  ['beside it', { ...none, add: [['X-Tier', 'gold']] }, ['X-Tier: tin'], ['tin', 'gold']],
  ['away with it', { ...none, remove: ['X-Tier'] }, ['X-Tier: tin', 'X-Tier: b'], []],
  ['a longer name is another name', { ...none, remove: ['X-Tie'] }, ['X-Tier: tin'], ['tin']],
  [
    'what was removed can be set',
    { ...none, remove: ['X-Tier'], set: [['X-Tier', 'gold']] },
    ['X-Tier: tin'],
    ['gold'],
  ],
  [
    'a value cannot end its line',
    { ...none, set: [['X-Tier', 'gold\r\nX-Evil: 1']] },
    [],
    ['gold X-Evil: 1'],
  ],
] as const;
for (const [what, changes, sent, expected] of onRequests) {
  test(`request-headers: ${what}`, async () => {
    const filter: FilterConfig = { kind: 'request-headers', ...changes };
    await using one = await filterRig([filter], ok('done'));
    await exchange(one.rig.port, get('/app', ...sent, 'Connection: close'));
    deepEqual(valuesOf(one.upstream.connections[0]?.text() ?? '', 'x-tier'), expected);
  });
}

test('response-headers: on what endpoints answer', async () => {
  const filter: FilterConfig = {
    kind: 'response-headers',
    remove: ['X-Powered-By'],
    set: [['X-Frame-Options', 'DENY']],
    add: [['Vary', 'Origin']],
  };
  const answer = ok('done', 'X-Powered-By: 7', 'x-frame-options: ALLOWALL', 'Vary: Accept');
  await using one = await filterRig([filter], answer);
  const { head, body } = parse(await exchange(one.rig.port, get('/app', 'Connection: close')));
  deepEqual(valuesOf(head, 'x-powered-by'), []);
  deepEqual(valuesOf(head, 'x-frame-options'), ['DENY']);
  deepEqual(valuesOf(head, 'vary'), ['Accept', 'Origin']);
  equal(body, 'done');
});

test('response-headers: on our own answers', async () => {
  const filter: FilterConfig = { kind: 'response-headers', ...none, set: [['X-A', '1']] };
  await using one = await filterRig([filter], 'not HTTP');
  const { status, head } = parse(await exchange(one.rig.port, get('/app', 'Connection: close')));
  equal(status, 502);
  deepEqual(valuesOf(head, 'x-a'), ['1']);
});

function valuesOf(head: string, name: string): readonly string[] {
  return head
    .split('\r\n')
    .filter((line) => line.toLowerCase().startsWith(`${name}:`))
    .map((line) => line.slice(name.length + 1).trim());
}
