import { equal, match, rejects } from 'node:assert/strict';
import { request } from 'node:http';
import { test, type TestContext } from 'node:test';
import { silentLog } from '../../../controller/base/index.ts';
import { AdminServer, json, plainText } from '../../../daemon/admin/server.ts';

interface Asked {
  readonly path: string;
  readonly method?: string;
  readonly host?: string;
}

async function start(context: TestContext): Promise<(asked: Asked) => Promise<[number, string]>> {
  const server = new AdminServer(
    [
      { path: '/readyz', handle: () => plainText(200, 'ok\n') },
      { path: '/debug/view/', handle: (url) => json({ asked: url.pathname }) },
      {
        path: '/broken',
        handle: () => {
          throw new Error('it broke');
        },
      },
    ],
    silentLog,
  );
  context.after(() => server[Symbol.asyncDispose]());
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  return ({ path, method = 'GET', host = `127.0.0.1:${port}` }) =>
    new Promise((resolve, reject) => {
      const options = { host: '127.0.0.1', port, path, method, headers: { host }, agent: false };
      const asking = request(options, (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          body += chunk;
        });
        response.on('end', () => resolve([response.statusCode ?? 0, body]));
      });
      asking.on('error', reject);
      asking.end();
    });
}

const cases: readonly (readonly [why: string, asked: Asked, status: number, body: RegExp])[] = [
  ['an exact path', { path: '/readyz' }, 200, /^ok\n$/],
  ['a query is not part of the path', { path: '/readyz?verbose' }, 200, /^ok\n$/],
  ['below a prefix', { path: '/debug/view/services' }, 200, /"asked": "\/debug\/view\/services"/],
  ['nothing there', { path: '/readyz/more' }, 404, /Nothing at \/readyz\/more/],
  ['it is read-only', { path: '/readyz', method: 'POST' }, 405, /read-only/],
  ['HEAD has no body', { path: '/readyz', method: 'HEAD' }, 200, /^$/],
  [
    'a name that DNS rebinding points here',
    { path: '/readyz', host: 'evil.example' },
    403,
    /localhost/,
  ],
  ['localhost is fine', { path: '/readyz', host: 'localhost:9900' }, 200, /ok/],
  ['an IPv6 address is fine', { path: '/readyz', host: '[::1]:9900' }, 200, /ok/],
  ['a handler that throws', { path: '/broken' }, 500, /it broke/],
];
for (const [why, asked, status, body] of cases) {
  test(`${asked.method ?? 'GET'} ${asked.path}: ${why}`, async (context) => {
    const ask = await start(context);
    const [gotStatus, gotBody] = await ask(asked);
    equal(gotStatus, status);
    match(gotBody, body);
  });
}

test('an address in use names the flag to change', async (context) => {
  const first = new AdminServer([], silentLog);
  const second = new AdminServer([], silentLog);
  context.after(() => first[Symbol.asyncDispose]());
  const { port } = await first.listen({ host: '127.0.0.1', port: 0 });
  await rejects(second.listen({ host: '127.0.0.1', port }), {
    code: 'AddressInUse',
    message: /--admin ADDR/,
  });
});
