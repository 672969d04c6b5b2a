import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import type { Ingress } from '../../controller/objects/index.ts';
import { secret } from '../ingress/compile/objects.ts';
import {
  annotated,
  type Endpoint,
  send,
  type Sent,
  startEndpoint,
  startSite,
} from '../ingress/annotations/rig.ts';
import { program, skipWithout } from '../requirements.ts';

const skip = skipWithout(program('nginx', 'nginx'));

/** The password of each is "secret"; made with openssl passwd and htpasswd. */
const users = [
  'plain:{PLAIN}secret',
  'sha:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=',
  'apr1:$apr1$lZL6VcBi$OZtUShuzDSh2sORquZH0G1',
].join('\n');

/** What ingress-nginx makes of the Ingresses below, as far as these requests see it. */
function configuration(port: number, endpoint: number, folder: string): string {
  const pass = `proxy_pass http://127.0.0.1:${endpoint};`;
  return `
daemon off; master_process off; pid ${folder}/pid; error_log ${folder}/error.log;
events {}
http {
  access_log off; port_in_redirect off; server_tokens off;
  client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/f; uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
  server {
    listen 127.0.0.1:${port}; server_name app.test; client_max_body_size 1m;
    location /slash/ { ${pass} }
    location /auth { auth_basic "Shop"; auth_basic_user_file ${folder}/users; ${pass} }
    location /small { client_max_body_size 4; ${pass} }
    location /moved { return 301 https://b.test/x; }
    location /allowed { allow 127.0.0.0/8; deny all; ${pass} }
    location /denied { deny 127.0.0.1; ${pass} }
  }
  server {
    listen 127.0.0.1:${port}; server_name rw.test;
    location ~* "^/x(/|$)(.*)" { rewrite "(?i)/x(/|$)(.*)" /$2 break; ${pass} }
    location ~* "^/fixed" { rewrite "(?i)/fixed" /target break; ${pass} }
  }
}
`;
}

const ingresses: readonly Ingress[] = [
  annotated({}, { name: 'slash', path: '/slash/' }),
  annotated(
    { 'auth-type': 'basic', 'auth-secret': 'users', 'auth-realm': 'Shop' },
    { name: 'auth', path: '/auth' },
  ),
  annotated({ 'proxy-body-size': '4' }, { name: 'small', path: '/small' }),
  annotated({ 'permanent-redirect': 'https://b.test/x' }, { name: 'moved', path: '/moved' }),
  annotated({ 'whitelist-source-range': '127.0.0.0/8' }, { name: 'allowed', path: '/allowed' }),
  annotated({ 'denylist-source-range': '127.0.0.1' }, { name: 'denied', path: '/denied' }),
  annotated(
    { 'rewrite-target': '/$2' },
    { name: 'rw', host: 'rw.test', path: '/x(/|$)(.*)', pathType: 'ImplementationSpecific' },
  ),
  annotated({ 'rewrite-target': '/target' }, { name: 'fixed', host: 'rw.test', path: '/fixed' }),
];

const basic = (text: string): Sent => ({
  fields: [`Authorization: Basic ${Buffer.from(text).toString('base64')}`],
});

const requests: readonly (readonly [target: string, sent?: Sent])[] = [
  ['/slash'],
  ['/slash?a=b'],
  ['/slash/x'],
  ['/auth'],
  ['/auth', basic('plain:secret')],
  ['/auth', basic('plain:wrong')],
  ['/auth', basic('sha:secret')],
  ['/auth', basic('apr1:$apr1$lZL6VcBi$OZtUShuzDSh2sORquZH0G1')],
  ['/auth', basic('apr1:$apr1$lZL6VcBi$OZtUShuzDSh2sORquZH0G1')],
  ['/auth', basic('nobody:secret')],
  ['/auth', { fields: ['Authorization: Basic !!'] }],
  ['/small', { method: 'POST', body: '1234' }],
  ['/small', { method: 'POST', body: '12345' }],
  ['/moved/a?b'],
  ['/allowed'],
  ['/denied'],
  ['//denied'],
  ['/allowed/..//denied'],
  ['/nowhere'],
  ['/x', { host: 'rw.test' }],
  ['/x/', { host: 'rw.test' }],
  ['/x/a/b?c=d&e', { host: 'rw.test' }],
  ['/X/a', { host: 'rw.test' }],
  ['//x//a/b', { host: 'rw.test' }],
  ['/xyz', { host: 'rw.test' }],
  ['/fixed/a/b?q', { host: 'rw.test' }],
];

/** A running nginx of the distribution. */
async function startNginx(endpoint: number): Promise<AsyncDisposable & { readonly port: number }> {
  const folder = await mkdtemp(join(tmpdir(), 'portolan-nginx-'));
  const port = await freePort();
  await writeFile(join(folder, 'users'), `${users}\n`);
  await writeFile(join(folder, 'nginx.conf'), configuration(port, endpoint, folder));
  const child = spawn('nginx', ['-p', folder, '-c', join(folder, 'nginx.conf')], {
    stdio: 'ignore',
  });
  const exited = once(child, 'exit');
  await answers(port, child);
  return {
    port,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await exited;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('not a TCP server');
  return address.port;
}

/** Bounded by the runner's timeout for each test, and by the process's end. */
async function answers(port: number, child: ChildProcess): Promise<void> {
  while (child.exitCode === null) {
    const response = await fetch(`http://127.0.0.1:${port}/`).catch(() => undefined);
    if (response) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('nginx ended');
}

/** What a client sees of a request, and the endpoint. */
async function outcome(
  port: number,
  endpoint: Endpoint,
  [target, sent]: (typeof requests)[number],
): Promise<object> {
  const before = endpoint.requests.length;
  const { status, headers } = await send(port, target, sent);
  return {
    status,
    location: headers.get('location'),
    challenge: headers.get('www-authenticate'),
    seen: endpoint.requests.slice(before).map(({ method, url }) => `${method} ${url}`),
  };
}

test('the same requests come to the same with nginx, configured by hand', { skip }, async (t) => {
  await using endpoint = await startEndpoint();
  await using nginx = await startNginx(endpoint.port);
  await using site = await startSite(ingresses, {
    services: { app: endpoint.port },
    secrets: [secret('users', { auth: users }, 'Opaque')],
  });
  for (const request of requests) {
    const [target, { method = 'GET', host = 'app.test', fields = [] } = {}] = request;
    await t.test(`${method} ${host}${target} ${fields.join()}`, async () => {
      const theirs = await outcome(nginx.port, endpoint, request);
      deepEqual(await outcome(site.rig.port, endpoint, request), theirs);
    });
  }
});
