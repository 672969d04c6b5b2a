import { deepEqual, equal, rejects } from 'node:assert/strict';
import { test } from 'node:test';
import { type Message, rcode } from '../../../../dns/wire/index.ts';
import { CorefileServer, type Outside } from '../../corefile-server.ts';
import { answering, everywhere } from '../records.ts';

const start = (lines: string, outside: Outside = everywhere): Promise<CorefileServer> =>
  CorefileServer.start(`. {\n errors\n ${lines}\n}`, outside);

test('forward: the first line whose FROM fits; except passes', async () => {
  const upstreams: string[] = [];
  await using server = await start(
    'forward a.org 192.0.2.1 {\n  except x.a.org\n }\n forward . 192.0.2.2',
    (request, upstream) => {
      upstreams.push(upstream);
      return everywhere(request, upstream);
    },
  );
  for (const name of ['www.a.org', 'www.x.a.org', 'b.org']) await server.ask(name);
  deepEqual(upstreams, ['192.0.2.1', '192.0.2.2', '192.0.2.2']);
});

const orders: readonly (readonly [policy: string, expected: readonly string[]])[] = [
  ['sequential', ['192.0.2.1', '192.0.2.1', '192.0.2.1']],
  ['round_robin', ['192.0.2.1', '192.0.2.2', '192.0.2.1']],
];
for (const [policy, expected] of orders) {
  test(`forward: policy ${policy}`, async () => {
    const upstreams: string[] = [];
    await using server = await start(
      `forward . 192.0.2.1 192.0.2.2 {\n  policy ${policy}\n }`,
      (request, upstream) => {
        upstreams.push(upstream);
        return everywhere(request, upstream);
      },
    );
    for (const name of ['a.org', 'b.org', 'c.org']) await server.ask(name);
    deepEqual(upstreams, expected);
  });
}

test('forward: policy random reaches every upstream', async () => {
  const upstreams = new Set<string>();
  await using server = await start(
    'forward . 192.0.2.1 192.0.2.2 {\n  policy random\n }',
    (request, upstream) => {
      upstreams.add(upstream);
      return everywhere(request, upstream);
    },
  );
  for (let i = 0; i < 30; i += 1) await server.ask(`n${i}.org`);
  equal(upstreams.size, 2);
});

test('forward: failover asks the next one for these rcodes, and tells the last when all say so', async () => {
  const outside: Outside = (request, upstream) =>
    upstream === '192.0.2.1' ? { rcode: rcode.SERVFAIL } : everywhere(request, upstream);
  await using server = await start(
    'forward . 192.0.2.1 192.0.2.2 {\n  policy sequential\n  failover SERVFAIL REFUSED\n }',
    outside,
  );
  equal((await server.ask('x.org'))?.rcode, 'NOERROR');
  await using failing = await start(
    'forward . 192.0.2.1 192.0.2.2 {\n  failover SERVFAIL\n }',
    () => ({ rcode: rcode.SERVFAIL }),
  );
  equal((await failing.ask('x.org'))?.rcode, 'SERVFAIL');
  equal(failing.asked.length, 2);
});

test('forward: max_connect_attempts bounds the upstreams asked for one query', async () => {
  await using server = await start(
    'forward . 192.0.2.1 192.0.2.2 192.0.2.3 {\n  max_connect_attempts 2\n }',
    () => undefined,
  );
  await server.ask('x.org');
  equal(server.asked.length, 2);
});

test('forward: down after max_fails failed checks; failfast_all_unhealthy_upstreams answers at once; health_check brings it back', async () => {
  let lives = false;
  await using server = await start(
    'forward . 192.0.2.1 {\n  max_fails 1\n  health_check 1s no_rec domain probe.org\n  failfast_all_unhealthy_upstreams\n }',
    (request, upstream) => (lives ? everywhere(request, upstream) : undefined),
  );
  equal((await server.ask('x.org'))?.rcode, 'SERVFAIL');
  await server.clock.advanceAsync(2000, 1000);
  const checks = server.asked.filter((name) => name === 'probe.org').length;
  equal(checks, 2);
  await server.ask('y.org');
  equal(server.asked.includes('y.org'), false);
  equal(server.meter.values.get('coredns_forward_healthcheck_broken_total'), 1);
  equal(
    server.meter.values.get(
      'coredns_proxy_healthcheck_failures_total{proxy_name="forward",to="192.0.2.1:53"}',
    ),
    2,
  );
  lives = true;
  await server.clock.advanceAsync(1000);
  equal((await server.ask('z.org'))?.rcode, 'NOERROR');
});

test('forward: expire and tls_servername are read; a tls file that is not there is an error', async () => {
  await using server = await start(
    'forward . 192.0.2.1 tls://192.0.2.2%dns.example.org {\n  expire 1s\n  max_age 1m\n  max_idle_conns 5\n  read_timeout 1s\n  max_concurrent 0\n  tls\n  tls_servername dns.example.org\n  source_address 127.0.0.1\n  doh_method GET\n }',
  );
  equal((await server.ask('x.org'))?.rcode, 'NOERROR');
  await rejects(start('forward . 192.0.2.1 {\n  tls /nowhere/ca\n }'), /nowhere/);
});

test('forward: force_tcp and prefer_udp choose the transport', async () => {
  const many = Array.from({ length: 3 }, (_, i) => `x.org. 60 IN A 192.0.2.${i}`);
  for (const [option, transport, expected] of [
    ['force_tcp', 'udp', 'tcp'],
    ['prefer_udp', 'tcp', 'udp'],
    ['policy random', 'tcp', 'tcp'],
  ] as const) {
    await using server = await start(`forward . 192.0.2.1 {\n  ${option}\n }`, () =>
      answering(many),
    );
    await server.ask('x.org', 'A', { transport });
    deepEqual(server.transports, [expected]);
  }
});

const nexts: readonly (readonly [option: string, first: Partial<Message>, asked: number])[] = [
  ['next NXDOMAIN', { rcode: rcode.NXDOMAIN }, 2],
  ['next NXDOMAIN SERVFAIL', { rcode: rcode.SERVFAIL }, 2],
  ['next NXDOMAIN', { rcode: rcode.REFUSED }, 1],
  ['next_on_nodata', {}, 2],
  ['next NXDOMAIN', {}, 1],
];
for (const [option, first, asked] of nexts) {
  test(`forward: ${option} on rcode ${first.rcode ?? 0} asks ${asked}`, async () => {
    await using server = await start(
      `forward . 192.0.2.1 {\n  ${option}\n }\n forward . 192.0.2.2 {\n  ${option}\n }`,
      (request, upstream) => (upstream === '192.0.2.1' ? first : everywhere(request, upstream)),
    );
    const reply = await server.ask('x.org');
    equal(server.asked.length, asked);
    equal(reply?.answers !== undefined, asked === 2);
  });
}
