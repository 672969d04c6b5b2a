import { deepEqual, equal, match, rejects } from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { askDaemon } from '../../../daemon/cli/admin-client.ts';
import { portolanVersion, runShortCommand } from '../../../daemon/cli/index.ts';
import { Paper } from './paper.ts';

const check = {
  read: () => Promise.reject(new Error('not asked for')),
  compile: () => Promise.reject(new Error('not asked for')),
};

test('a daemon is asked and its answer given', async () => {
  await using daemon = await listen((path) => `asked for ${path}`);
  deepEqual(await askDaemon(daemon.address, '/debug/view/svc?name=a'), {
    status: 200,
    body: 'asked for /debug/view/svc?name=a',
  });
});

const kernel = {
  plan: () => Promise.reject(new Error('not asked')),
  cleanup: () => Promise.reject(new Error('not asked')),
};

test('where nothing listens, the message says how to start', async () => {
  const { port } = await freePort();
  await rejects(askDaemon({ host: '127.0.0.1', port }, '/'), {
    code: 'DaemonUnreachable',
    message: `no daemon listens on 127.0.0.1:${port}: start one with "portolan up -f PATH", or name the address of a running one with --admin ADDR`,
  });
});

test('failures are one line on standard error, with status 1', async () => {
  const { port } = await freePort();
  const paper = new Paper();
  const admin = { host: '127.0.0.1', port };
  const command = { kind: 'describe', resource: 'svc', name: 'a', namespace: 'b', admin } as const;
  equal(await runShortCommand(command, { check, kernel, printer: paper }), 1);
  equal(paper.output, '');
  equal(paper.errors.split('\n').length, 2);
  equal(paper.errors.startsWith(`portolan: no daemon listens on 127.0.0.1:${port}: `), true);
});

test('version and help need no daemon', async () => {
  const paper = new Paper();
  const version = { kind: 'version', output: 'text' } as const;
  equal(await runShortCommand(version, { check, kernel, printer: paper }), 0);
  match(portolanVersion, /^\d+\.\d+\.\d+/);
  equal(paper.output, `portolan ${portolanVersion} (node ${process.version})\n`);
  const help = { kind: 'help', topic: undefined } as const;
  equal(await runShortCommand(help, { check, kernel, printer: paper }), 0);
});

interface Listening extends AsyncDisposable {
  readonly address: { readonly host: string; readonly port: number };
}

async function listen(answer: (path: string) => string): Promise<Listening> {
  const server: Server = createServer((request, response) => {
    response.end(answer(request.url ?? ''));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: { host: '127.0.0.1', port },
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** A port that was free a moment ago. */
async function freePort(): Promise<{ readonly port: number }> {
  await using server = await listen(() => '');
  return { port: server.address.port };
}
