import { deepEqual, equal, throws } from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Configuration, defaultConfiguration } from '../../../daemon/config/index.ts';
import { etcdAccessOf } from '../../../daemon/up/etcd-access.ts';

const machine = { hostname: 'h', cores: 1 };
const configured = (given: Partial<Configuration>): Configuration => ({
  ...defaultConfiguration(machine),
  etcdEndpoints: ['https://e:2379'],
  ...given,
});

test('without endpoints there is no etcd', () => {
  equal(etcdAccessOf(configured({ etcdEndpoints: [] })), undefined);
});

test('files become what they hold; a password loses the end of its line', (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'portolan-etcd-access-'));
  context.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'ca'), 'PEM');
  writeFileSync(join(folder, 'password'), 'secret \n');
  const given = { etcdCa: join(folder, 'ca'), etcdPasswordFile: join(folder, 'password') };
  deepEqual(etcdAccessOf(configured({ ...given, etcdUser: 'portolan' })), {
    endpoints: ['https://e:2379'],
    ca: 'PEM',
    user: { name: 'portolan', password: 'secret ' },
  });
});

const refusals: readonly (readonly [Partial<Configuration>, RegExp])[] = [
  [{ etcdCert: 'x' }, /write --etcd-cert and --etcd-key/],
  [{ etcdUser: 'x' }, /write --etcd-user and --etcd-password-file/],
  [{ etcdCa: '/none' }, /--etcd-ca: \/none cannot be read/],
];
for (const [given, message] of refusals) {
  test(`${JSON.stringify(given)} is refused`, () => {
    throws(() => etcdAccessOf(configured(given)), message);
  });
}
