import { equal, match } from 'node:assert/strict';
import { test } from 'node:test';
import { createWireEngine } from '../../../../ingress/index.ts';
import { appTable, exchange, get, ok, RawUpstream, rigWith, startRig } from '../compat/rig.ts';

rigWith(createWireEngine);

const sound = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
const cases: readonly (readonly [string, boolean, readonly string[], RegExp])[] = [
  ['passes', false, [`traceparent: ${sound}`], new RegExp(`^${sound}$`)],
  ['passes where traces begin', true, [`traceparent: ${sound}`], new RegExp(`^${sound}$`)],
  ['none begins unasked', false, [], /^$/],
  [
    'begins with the id of the request',
    true,
    ['X-Request-ID: 0123456789abcdef0123456789abcdef'],
    /^00-0123456789abcdef0123456789abcdef-[0-9a-f]{16}-00$/,
  ],
  [
    'begins with a hash of another id',
    true,
    ['X-Request-ID: a'],
    /^00-ca978112[0-9a-f]{24}-[0-9a-f]{16}-00$/,
  ],
];
for (const [what, traceContext, sent, expected] of cases) {
  test(`traceparent ${what}`, async () => {
    await using upstream = new RawUpstream(({ socket }) => socket.end(ok('done')));
    await using rig = await startRig(appTable(await upstream.listen()), { traceContext });
    await exchange(rig.port, get('/', ...sent, 'Connection: close'));
    const text = upstream.connections[0]?.text() ?? '';
    match(/^traceparent: (.*)\r$/m.exec(text)?.[1] ?? '', expected);
  });
}

const forwards = [
  ['GET', '0', '0', 200],
  ['OPTIONS', '3', '2', 200],
  ['OPTIONS', '0', undefined, 204],
  ['OPTIONS', 'x', 'x', 200],
] as const;
for (const [method, sent, expected, status] of forwards) {
  test(`${method} with Max-Forwards: ${sent} is answered ${status}`, async () => {
    await using upstream = new RawUpstream(({ socket }) => socket.end(ok('done')));
    await using rig = await startRig(appTable(await upstream.listen()));
    const request = get('/', `Max-Forwards: ${sent}`, 'Connection: close').replace('GET', method);
    match(await exchange(rig.port, request), new RegExp(`^HTTP/1.1 ${status} `));
    const text = upstream.connections[0]?.text() ?? '';
    equal(/^Max-Forwards: (.*)\r$/m.exec(text)?.[1], expected);
  });
}
