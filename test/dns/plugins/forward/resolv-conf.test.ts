import { deepEqual, equal } from 'node:assert/strict';
import { mkdtempDisposable, rename, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseUpstream } from '../../../../dns/plugins/forward/upstream.ts';
import {
  parseResolvConf,
  type ResolvConf,
  ResolvConfWatch,
} from '../../../../dns/plugins/forward/resolv-conf.ts';
import { FakeClock } from '../../../fakes/clock.ts';

const files: readonly (readonly [text: string, hosts: readonly string[]])[] = [
  ['nameserver 192.0.2.1\nnameserver\t2001:db8::1\n', ['192.0.2.1', '2001:db8::1']],
  ['search a b\noptions ndots:5\n# nameserver 192.0.2.1\n; nameserver 192.0.2.2', []],
  ['nameserver 192.0.2.1 # why\r\nnameserver resolver.example\n', ['192.0.2.1']],
  ['nameserver fe80::1%eth0', ['fe80::1%eth0']],
  [
    Array.from({ length: 30 }, (_, i) => `nameserver 192.0.2.${i}`).join('\n'),
    Array.from({ length: 15 }, (_, i) => `192.0.2.${i}`),
  ],
];
for (const [text, hosts] of files) {
  test(`${JSON.stringify(text.slice(0, 40))} names ${hosts.length} resolvers`, () =>
    deepEqual(
      parseResolvConf(text).map(({ host }) => host),
      hosts,
    ));
}

const upstreams: readonly (readonly [text: string, host: string, port: number])[] = [
  ['192.0.2.1', '192.0.2.1', 53],
  ['192.0.2.1:5353', '192.0.2.1', 5353],
  ['2001:db8::1', '2001:db8::1', 53],
  ['[2001:db8::1]:5353', '2001:db8::1', 5353],
  ['[2001:db8::1]', '2001:db8::1', 53],
];
for (const [text, host, port] of upstreams) {
  test(`${text} is ${host} port ${port}`, () => deepEqual(parseUpstream(text), { host, port }));
}

test('a file that is replaced is read again', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'resolv-'));
  const path = join(folder.path, 'resolv.conf');
  const clock = new FakeClock();
  const seen: ResolvConf[] = [];
  let changed = Promise.withResolvers<void>();
  using watch = new ResolvConfWatch(path, clock, (now) => {
    seen.push(now);
    changed.resolve();
  });
  await watch.start();
  equal(seen[0]?.kind, 'unreadable');
  changed = Promise.withResolvers();
  await writeFile(`${path}.new`, 'nameserver 192.0.2.9\n');
  await rename(`${path}.new`, path);
  clock.advance(5000);
  await changed.promise;
  deepEqual(seen[1], { kind: 'read', upstreams: [{ host: '192.0.2.9', port: 53 }] });
});
