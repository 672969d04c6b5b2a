import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { rcode } from '../../../../dns/wire/index.ts';
import { bundle } from '../../objects.ts';
import { CorefileServer, type Outside } from '../../corefile-server.ts';
import { answering, everywhere } from '../records.ts';

const start = (options: string, outside: Outside = everywhere): Promise<CorefileServer> =>
  CorefileServer.start(`. {\n errors\n cache ${options}\n forward . 192.0.2.53\n}`, outside);

test('a hit: upstream is not asked, the TTL counts down, AA is set', async () => {
  await using server = await start('');
  deepEqual(await server.ask('x.org'), {
    rcode: 'NOERROR',
    flags: 'rd ra',
    answers: ['x.org. 60 A 192.0.2.1'],
  });
  server.clock.advance(1500);
  deepEqual(await server.ask('x.org'), {
    rcode: 'NOERROR',
    flags: 'aa rd ra',
    answers: ['x.org. 59 A 192.0.2.1'],
  });
  server.clock.advance(58_499);
  deepEqual((await server.ask('X.org'))?.answers, ['X.org. 1 A 192.0.2.1']);
  deepEqual(server.asked, ['x.org']);
  server.clock.advance(1);
  await server.ask('x.org');
  equal(server.asked.length, 2);
});

const ttls: readonly (readonly [why: string, options: string, type: 'A' | 'AAAA', ttl: number])[] =
  [
    ['the TTL argument caps', '30', 'A', 30],
    ['success CAPACITY TTL', '{\n success 5000 20\n}', 'A', 20],
    ['success MINTTL', '{\n success 5000 3600 120\n}', 'A', 120],
    ['denial by the lesser of TTL and SOA minimum', '', 'AAAA', 300],
    ['denial CAPACITY TTL', '{\n denial 5000 10\n}', 'AAAA', 10],
  ];
for (const [why, options, type, ttlSec] of ttls) {
  test(`cache: ${why}`, async () => {
    await using server = await start(options);
    const first = await server.message('x.org', type);
    deepEqual(
      [...(first?.answers ?? []), ...(first?.authorities ?? [])].map((one) => one.ttlSec),
      [ttlSec],
    );
    server.clock.advance(1000 * ttlSec - 1);
    await server.ask('x.org', type);
    equal(server.asked.length, 1);
    server.clock.advance(1);
    await server.ask('x.org', type);
    equal(server.asked.length, 2);
  });
}

const never: readonly (readonly [why: string, Outside])[] = [
  ['REFUSED', () => ({ rcode: rcode.REFUSED })],
  ['NXDOMAIN without SOA', () => ({ rcode: rcode.NXDOMAIN })],
  ['a CNAME that stops short, without SOA', () => answering(['x.org. 60 IN CNAME y.org.'])],
];
for (const [why, outside] of never) {
  test(`cache: never kept: ${why}`, async () => {
    await using server = await start('', outside);
    await server.ask('x.org');
    await server.ask('x.org');
    equal(server.asked.length, 2);
  });
}

test('cache: servfail is kept for 5 s, or as told', async () => {
  await using server = await start('{\n servfail 2s\n}', () => ({ rcode: rcode.SERVFAIL }));
  await server.ask('x.org');
  await server.ask('x.org');
  equal(server.asked.length, 1);
  server.clock.advance(2000);
  await server.ask('x.org');
  equal(server.asked.length, 2);
});

test('cache: disable success and denial by zone; keepttl', async () => {
  await using server = await start('{\n disable success a.org\n disable denial b.org\n keepttl\n}');
  for (const [name, type] of [
    ['a.org', 'A'],
    ['a.org', 'A'],
    ['b.org', 'AAAA'],
    ['b.org', 'AAAA'],
    ['b.org', 'A'],
    ['b.org', 'A'],
  ] as const) {
    await server.ask(name, type);
  }
  equal(server.asked.length, 5);
  server.clock.advance(30_000);
  deepEqual((await server.ask('b.org'))?.answers, ['b.org. 60 A 192.0.2.1']);
});

test('cache: prefetch asks again behind a popular answer that is about to expire', async () => {
  await using server = await start('{\n prefetch 2 1m 10%\n}');
  await server.ask('x.org');
  server.clock.advance(10_000);
  await server.ask('x.org');
  server.clock.advance(45_000);
  equal((await server.ask('x.org'))?.answers?.[0], 'x.org. 5 A 192.0.2.1');
  await new Promise((resolve) => setImmediate(resolve));
  equal(server.asked.length, 2);
  equal((await server.ask('x.org'))?.answers?.[0], 'x.org. 60 A 192.0.2.1');
});

test('cache: serve_stale immediate: the old answer at once, TTL 0, and a refresh behind it', async () => {
  let lives = true;
  await using server = await start(
    '{\n serve_stale 1h immediate 0s 10s\n serve_stale_policy prefer_positive\n}',
    (...request) => (lives ? everywhere(...request) : undefined),
  );
  await server.ask('x.org');
  lives = false;
  server.clock.advance(61_000);
  for (let i = 0; i < 3; i += 1) {
    const stale = await server.message('x.org', 'A', { edns: {} });
    equal(stale?.answers[0]?.ttlSec, 0);
    deepEqual(stale?.edns?.options[0]?.octets.readUInt16BE(), 3);
    await new Promise((resolve) => setImmediate(resolve));
  }
  // RECHECK: one try, then silence.
  equal(server.asked.length, 2);
  lives = true;
  server.clock.advance(10_000);
  await server.ask('x.org');
  await new Promise((resolve) => setImmediate(resolve));
  equal((await server.ask('x.org'))?.answers?.[0], 'x.org. 60 A 192.0.2.1');
  lives = false;
  server.clock.advance(3_661_000);
  equal((await server.ask('x.org'))?.rcode, 'SERVFAIL');
});

test('cache: serve_stale verify: a fresh answer if there is one', async () => {
  let outside: Outside = everywhere;
  await using server = await start('{\n serve_stale 1h verify 100ms\n}', (...request) =>
    outside(...request),
  );
  await server.ask('x.org');
  server.clock.advance(61_000);
  outside = () => answering(['x.org. 60 IN A 192.0.2.9']);
  equal((await server.ask('x.org'))?.answers?.[0], 'x.org. 60 A 192.0.2.9');
  server.clock.advance(61_000);
  outside = () => ({ rcode: rcode.SERVFAIL });
  equal((await server.ask('x.org'))?.answers?.[0], 'x.org. 0 A 192.0.2.9');
});

test('cache: full, the oldest goes; many who ask at once ask upstream once', async () => {
  await using server = await start('{\n success 1024\n}');
  for (let i = 0; i < 1025; i += 1) await server.ask(`x${i}.org`);
  await server.ask('x1024.org');
  equal(server.asked.length, 1025);
  await server.ask('x0.org');
  equal(server.asked.length, 1026);
  await Promise.all(Array.from({ length: 50 }, () => server.ask('new.org')));
  equal(server.asked.length, 1027);
});

test('cache: DO and CD have entries of their own; AD is told to who asks', async () => {
  await using server = await start('', (request) => ({
    ...everywhere(request, ''),
    authenticData: true,
  }));
  equal((await server.message('x.org'))?.authenticData, false);
  equal((await server.message('x.org', 'A', { edns: { dnssecOk: true } }))?.authenticData, true);
  equal(server.asked.length, 2);
});

test('cache: a Service that changes is seen at once, whatever cache says', async () => {
  await using server = await CorefileServer.start('. {\n cache 3600\n kubernetes cluster.local\n}');
  server.load([bundle('a/x', { clusterIP: '10.96.0.1' })]);
  const name = 'x.a.svc.cluster.local';
  for (let i = 0; i < 3; i += 1)
    deepEqual((await server.ask(name))?.answers, [`${name}. 5 A 10.96.0.1`]);
  equal((await server.ask('y.a.svc.cluster.local'))?.rcode, 'NXDOMAIN');
  server.load([
    bundle('a/x', { clusterIP: '10.96.0.2' }),
    bundle('a/y', { clusterIP: '10.96.0.3' }),
  ]);
  deepEqual((await server.ask(name))?.answers, [`${name}. 5 A 10.96.0.2`]);
  equal((await server.ask('y.a.svc.cluster.local'))?.rcode, 'NOERROR');
  ok(!server.asked.length);
});

test('cache: serve_stale_policy prefer_positive: a kept SERVFAIL gives way to an expired answer', async () => {
  for (const [policy, expected] of [
    ['', 'SERVFAIL'],
    ['serve_stale_policy prefer_positive', 'NOERROR'],
  ] as const) {
    let fails = false;
    await using server = await start(
      `{\n serve_stale 1h verify 1s 5s\n servfail 5m\n ${policy}\n}`,
      (request, to) => (fails ? { rcode: rcode.SERVFAIL } : everywhere(request, to)),
    );
    await server.ask('x.org');
    fails = true;
    server.clock.advance(61_000);
    // Expired: verified, and the failure is kept.
    equal((await server.ask('x.org'))?.rcode, 'NOERROR');
    server.clock.advance(1000);
    equal((await server.ask('x.org'))?.rcode, expected);
  }
});
