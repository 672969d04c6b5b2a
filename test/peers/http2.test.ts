import { equal, fail, match } from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { createWireEngine, type PoolEndpoint } from '../../ingress/index.ts';
import { appTable, rigWith, startRig } from '../ingress/engines/compat/rig.ts';

rigWith(createWireEngine);
const run = promisify(execFile);
const https = { host: '127.0.0.1', port: 0 } as const;

async function missing(program: string, debian: string): Promise<string | false> {
  try {
    await run(program, ['--version']);
    return false;
  } catch {
    if (process.env['CI']) fail(`${program} is not installed (Debian: ${debian})`);
    return `${program} is not installed (Debian: ${debian})`;
  }
}

const noCurl = await missing('curl', 'curl');
const noNghttp = await missing('nghttp', 'nghttp2-client');
const noH2load = await missing('h2load', 'nghttp2-client');

/** Says how much it got, and as many bytes as the path names. */
async function endpoint(): Promise<PoolEndpoint & AsyncDisposable> {
  // `nghttp --continuation` sends more than the 16 KiB that node allows by itself.
  const server = createServer({ maxHeaderSize: 65_536 }, (request, response) => {
    let got = 0;
    request.on('data', (part: Buffer) => {
      got += part.length;
    });
    request.on('end', () => {
      response.setHeader('x-got', got);
      response.end('x'.repeat(Number(request.url?.slice(1))));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not a TCP server');
  return {
    address: '127.0.0.1',
    port: address.port,
    weight: 1,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}

const report = '%{http_version} %{http_code} %{size_download} %header{x-got}';

for (const flag of ['--http2', '--http2-prior-knowledge']) {
  test(`curl ${flag}`, { skip: noCurl }, async () => {
    await using upstream = await endpoint();
    await using rig = await startRig(appTable(upstream), { https });
    const url =
      flag === '--http2' ? `https://127.0.0.1:${rig.httpsPort}` : `http://127.0.0.1:${rig.port}`;
    const common = [flag, '-sk', '-H', 'Host: app.test', '-o', '/dev/null', '-w', report];
    const { stdout } = await run('curl', [...common, '-d', 'y'.repeat(100_000), `${url}/300000`]);
    equal(stdout, '2 200 300000 100000');
  });
}

test('nghttp: PRIORITY, padding, CONTINUATION, trailers', { skip: noNghttp }, async () => {
  await using upstream = await endpoint();
  await using rig = await startRig(appTable(upstream));
  const shape = ['-nv', '--continuation', '--padding=64', '--trailer=x-end: yes'];
  const authority = ['-H', ':authority: app.test'];
  const urls = [1, 2, 3].map((size) => `http://127.0.0.1:${rig.port}/${size}00000`);
  const { stdout } = await run('nghttp', [...shape, ...authority, '-d', '/dev/null', ...urls]);
  equal(stdout.match(/:status: 200/g)?.length, 3);
  match(stdout, /send GOAWAY frame .*\n.*error_code=NO_ERROR/);
});

const loads: readonly (readonly [scheme: 'http' | 'https', path: string])[] = [
  ['http', '/3'],
  ['https', '/3'],
  ['https', '/70000'],
];
for (const [scheme, path] of loads) {
  test(`h2load: ${path.slice(1)} bytes over ${scheme}`, { skip: noH2load }, async () => {
    await using upstream = await endpoint();
    await using rig = await startRig(appTable(upstream), { https, accessLog: false });
    const port = scheme === 'http' ? rig.port : rig.httpsPort;
    const shape = ['-n', '1000', '-c', '5', '-m', '20', '-H', ':authority: app.test'];
    const { stdout } = await run('h2load', [...shape, `${scheme}://127.0.0.1:${port}${path}`]);
    match(stdout, /1000 succeeded, 0 failed, 0 errored, 0 timeout/);
  });
}
