import { deepEqual, equal } from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { makeLocal } from '../../../proxy/planes/any-ip.ts';

/** A routing table that answers as `ip` does. */
class FakeRoutes {
  readonly local: Set<string>;
  readonly refuse: boolean;
  readonly calls: string[] = [];

  constructor(local: readonly string[] = [], refuse: boolean = false) {
    this.local = new Set(local);
    this.refuse = refuse;
  }

  readonly run = async (file: string, args: readonly string[]): Promise<string> => {
    this.calls.push([file, ...args].join(' '));
    const cidr = args.at(args.includes('show') ? -1 : -3) ?? '';
    if (args.includes('show')) return this.local.has(cidr) ? `local ${cidr} dev lo` : '';
    if (this.refuse) throw new Error('RTNETLINK answers: Operation not permitted');
    if (args.includes('add')) this.local.add(cidr);
    else this.local.delete(cidr);
    return '';
  };
}

/** A folder in place of /proc/sys, with the one setting in it. */
function fakeProcSys(context: TestContext, value: string) {
  const folder = mkdtempSync(join(tmpdir(), 'portolan-proc-sys-'));
  context.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'net/ipv6/ip_nonlocal_bind');
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, value);
  return { folder, value: () => readFileSync(file, 'utf8').trim() };
}

for (const [before, during] of [
  ['0', '1'],
  ['1', '1'],
] as const) {
  test(`IPv6 ranges turn ip_nonlocal_bind on, and leave ${before} behind`, async (context) => {
    const procSys = fakeProcSys(context, before);
    const ranges = ['fd00:10:96::/112', 'fd00:10:97::/112'];
    const made = await makeLocal(ranges, new FakeRoutes().run, procSys.folder);
    equal(procSys.value(), during);
    await made[Symbol.asyncDispose]();
    equal(procSys.value(), before);
  });
}

test('a range gets its route and loses it at the end', async (context) => {
  const routes = new FakeRoutes();
  const { folder } = fakeProcSys(context, '0');
  const made = await makeLocal(['10.96.0.0/16', 'fd00:10:96::/112'], routes.run, folder);
  deepEqual([...routes.local], ['10.96.0.0/16', 'fd00:10:96::/112']);
  deepEqual(made.problems, []);
  equal(routes.calls[1], 'ip -4 route add local 10.96.0.0/16 dev lo');
  equal(routes.calls[3], 'ip -6 route add local fd00:10:96::/112 dev lo');
  await made[Symbol.asyncDispose]();
  deepEqual([...routes.local], []);
});

test('a loopback range needs nothing', async () => {
  const routes = new FakeRoutes();
  await makeLocal(['127.96.0.0/16'], routes.run);
  deepEqual(routes.calls, []);
});

test("somebody else's route is used and left alone", async () => {
  const routes = new FakeRoutes(['10.96.0.0/16']);
  const made = await makeLocal(['10.96.0.0/16'], routes.run);
  await made[Symbol.asyncDispose]();
  deepEqual([...routes.local], ['10.96.0.0/16']);
});

test('without the right to add routes the user learns what to run', async () => {
  const made = await makeLocal(['10.96.0.0/16'], new FakeRoutes([], true).run);
  equal(made.problems[0]?.reason, 'ServiceCidrNotLocal');
  equal(
    made.problems[0]?.instead,
    'run as root, or once `ip -4 route add local 10.96.0.0/16 dev lo`, or use a range in 127.0.0.0/8',
  );
});
