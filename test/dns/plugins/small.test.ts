import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { hostname } from 'node:os';
import { test } from 'node:test';
import { CorefileServer } from '../corefile-server.ts';
import { answering, everywhere } from './records.ts';

test('any: HINFO for ANY, the rest passes', async () => {
  await using server = await CorefileServer.start('. {\n any\n whoami\n}');
  deepEqual((await server.ask('x.org', 'ANY'))?.answers, [
    'x.org. 8482 HINFO "ANY obsoleted" "See RFC 8482"',
  ]);
  equal((await server.ask('x.org', 'A'))?.answers, undefined);
});

test('whoami: address, port and transport of the client', async () => {
  await using server = await CorefileServer.start('. {\n whoami\n}');
  deepEqual((await server.ask('x.org', 'A', { from: '192.0.2.7' }))?.additionals, [
    'x.org. 0 A 192.0.2.7',
    '_udp.x.org. 0 SRV 0 0 40000 .',
  ]);
  deepEqual(
    (await server.ask('x.org', 'A', { from: '2001:db8::7', transport: 'tcp' }))?.additionals,
    ['x.org. 0 AAAA 2001:db8::7', '_tcp.x.org. 0 SRV 0 0 40000 .'],
  );
});

test('chaos: TXT in class CH', async () => {
  await using server = await CorefileServer.start('. {\n chaos Portolan-1 me you\n}');
  deepEqual((await server.ask('version.bind', 'TXT', { class: 3 }))?.answers, [
    'version.bind. 0 TXT "Portolan-1"',
  ]);
  deepEqual((await server.ask('authors.bind', 'TXT', { class: 3 }))?.answers?.length, 2);
  deepEqual((await server.ask('id.server', 'TXT', { class: 3 }))?.answers, [
    `id.server. 0 TXT "${hostname()}"`,
  ]);
  equal((await server.ask('version.bind', 'TXT'))?.rcode, 'REFUSED');
});

test('nsid: only to who asks', async () => {
  await using server = await CorefileServer.start('. {\n nsid here\n whoami\n}');
  const asked = { edns: { options: [{ code: 3, octets: Buffer.alloc(0) }] } };
  deepEqual((await server.message('x.org', 'A', asked))?.edns?.options, [
    { code: 3, octets: Buffer.from('here') },
  ]);
  deepEqual((await server.message('x.org', 'A', { edns: {} }))?.edns?.options, []);
});

test('header: query and response flags, in order', async () => {
  await using server = await CorefileServer.start(
    '. {\n header {\n  query clear rd\n  response set ra aa\n  response clear aa rd\n }\n forward . 192.0.2.53\n}',
    everywhere,
  );
  equal((await server.ask('x.org'))?.flags, 'ra');
});

const local: readonly (readonly [
  name: string,
  type: 'A' | 'AAAA' | 'PTR' | 'MX',
  expected: string,
])[] = [
  ['localhost', 'A', 'localhost. 604800 A 127.0.0.1'],
  ['a.localhost', 'AAAA', 'a.localhost. 604800 AAAA ::1'],
  ['localhost.example.org', 'A', 'localhost.example.org. 604800 A 127.0.0.1'],
  ['1.0.0.127.in-addr.arpa', 'PTR', '1.0.0.127.in-addr.arpa. 604800 PTR localhost.'],
];
for (const [name, type, expected] of local) {
  test(`local: ${name} ${type}`, async () => {
    await using server = await CorefileServer.start('. {\n local\n}');
    deepEqual((await server.ask(name, type))?.answers, [expected]);
  });
}

test('local: localhost_prefix off lets names like localhost.example.org pass', async () => {
  await using server = await CorefileServer.start('. {\n local {\n  localhost_prefix off\n }\n}');
  equal((await server.ask('localhost.example.org'))?.rcode, 'REFUSED');
  equal((await server.ask('localhost', 'MX'))?.authorities?.length, 1);
});

test('minimal: positive answers lose the rest, denials do not', async () => {
  await using server = await CorefileServer.start(
    '. {\n minimal\n forward . 192.0.2.53\n}',
    ({ questions: [question] }) =>
      question?.type === 1
        ? answering(['x.org. 60 IN A 192.0.2.1'], {
            authorities: answering(['org. 60 IN NS ns.org.']).answers ?? [],
          })
        : { authorities: answering(['org. 60 IN SOA a. b. 1 2 3 4 5']).answers ?? [] },
  );
  equal((await server.ask('x.org'))?.authorities, undefined);
  equal((await server.ask('x.org', 'AAAA'))?.authorities?.length, 1);
});

test('bufsize: limits our replies, and what upstreams may send', async () => {
  const many = Array.from({ length: 60 }, (_, i) => `x.org. 60 IN A 192.0.2.${i}`);
  await using server = await CorefileServer.start(
    '. {\n bufsize 512\n forward . 192.0.2.53\n}',
    () => answering(many),
  );
  ok((await server.message('x.org', 'A', { edns: { udpPayloadSize: 4096 } }))?.truncated);
  await using wide = await CorefileServer.start(
    '. {\n bufsize 4096\n forward . 192.0.2.53\n}',
    () => answering(many),
  );
  equal((await wide.message('x.org', 'A', { edns: { udpPayloadSize: 4096 } }))?.answers.length, 60);
});

test('cancel: SERVFAIL after the deadline', async () => {
  await using server = await CorefileServer.start(
    '. {\n cancel 1s\n errors\n erratic {\n  drop 0\n  delay 1 10s\n }\n}',
  );
  const asked = server.ask('x.org');
  await server.clock.advanceAsync(1000);
  equal((await asked)?.rcode, 'SERVFAIL');
});

test('erratic: drop, truncate, delay', async () => {
  await using server = await CorefileServer.start('. {\n erratic {\n  drop 2\n  truncate 3\n }\n}');
  const seen = [];
  for (let i = 0; i < 3; i += 1) seen.push((await server.ask('x.org'))?.flags);
  deepEqual(seen, ['aa rd', undefined, 'aa tc rd']);
});

const acl =
  '. {\n acl x.org {\n  allow net 192.0.2.1\n  block type A net 192.0.2.0/24\n  filter type AAAA\n  drop net 10.0.0.0/8\n }\n whoami\n}';
const aclCases: readonly (readonly [
  from: string,
  type: 'A' | 'AAAA' | 'MX',
  expected: string | undefined,
])[] = [
  ['192.0.2.1', 'A', 'NOERROR 2'],
  ['192.0.2.2', 'A', 'REFUSED 0'],
  ['192.0.2.2', 'AAAA', 'NOERROR 0'],
  ['192.0.2.2', 'MX', 'NOERROR 2'],
  ['10.1.1.1', 'MX', undefined],
];
for (const [from, type, expected] of aclCases) {
  test(`acl: allow, block, filter, drop: ${type} from ${from}`, async () => {
    await using server = await CorefileServer.start(acl);
    const reply = await server.ask('a.x.org', type, { from });
    equal(reply && `${reply.rcode} ${reply.additionals?.length ?? 0}`, expected);
  });
}

test('acl: stands before cache, so a kept answer is not given to who may not ask', async () => {
  await using server = await CorefileServer.start(
    '. {\n cache\n acl {\n  block net 10.0.0.0/8\n }\n forward . 192.0.2.53\n}',
    everywhere,
  );
  equal((await server.ask('x.org'))?.rcode, 'NOERROR');
  equal((await server.ask('x.org'))?.rcode, 'NOERROR');
  equal((await server.ask('x.org', 'A', { from: '10.0.0.1' }))?.rcode, 'REFUSED');
});

test('log: the common format; class chooses', async () => {
  await using server = await CorefileServer.start(
    '. {\n log . {\n  class denial\n }\n log x.org "{name} {rcode} {>rflags} {proto}"\n forward . 192.0.2.53\n}',
    everywhere,
  );
  await server.ask('x.org', 'A');
  await server.ask('y.org', 'AAAA');
  deepEqual(server.lines[0], 'x.org. NOERROR qr,rd,ra udp');
  match(
    server.lines[1] ?? '',
    /^127\.0\.0\.1:40000 - 4711 "AAAA IN y\.org\. udp 23 false 512" NOERROR qr,rd \d+ 0\.0+s$/,
  );
});

test('loop: a probe that comes back stops forwarding and is reported', async () => {
  await using server = await CorefileServer.start(
    '. {\n loop\n forward . 192.0.2.53\n}',
    (request) => {
      const [question] = request.questions;
      // The upstream asks us again, as often as it is asked.
      if (question?.type === 13) void server.message(question.name.join('.'), 'HINFO');
      return everywhere(request, '');
    },
  );
  await server.clock.advanceAsync(10_000, 500);
  deepEqual(server.problems.reasons, ['ForwardLoop']);
  equal((await server.ask('x.org'))?.rcode, 'SERVFAIL');
});

test('loadbalance: shuffles addresses, CNAMEs stay in front; prefer puts nets first', async () => {
  const records = [
    'x.org. 60 IN CNAME y.org.',
    ...[1, 2, 3, 4, 5, 6].map((i) => `y.org. 60 IN A 192.0.2.${i}`),
  ];
  await using server = await CorefileServer.start(
    '. {\n loadbalance\n forward . 192.0.2.53\n}',
    () => answering(records),
  );
  const first = new Set<string | undefined>();
  for (let i = 0; i < 40; i += 1) {
    const answers = (await server.ask('x.org'))?.answers ?? [];
    equal(answers[0], 'x.org. 60 CNAME y.org.');
    first.add(answers[1]);
  }
  equal(first.size, 6);
  await using preferring = await CorefileServer.start(
    '. {\n loadbalance round_robin {\n  prefer 192.0.2.6/32\n }\n forward . 192.0.2.53\n}',
    () => answering(records),
  );
  for (let i = 0; i < 10; i += 1)
    equal((await preferring.ask('x.org'))?.answers?.[1], 'y.org. 60 A 192.0.2.6');
});

test('dns64: AAAA from A by prefix, for IPv6 clients unless allow_ipv4; translate_all', async () => {
  await using server = await CorefileServer.start(
    '. {\n dns64\n forward . 192.0.2.53\n}',
    everywhere,
  );
  deepEqual((await server.ask('x.org', 'AAAA', { from: '2001:db8::1' }))?.answers, [
    'x.org. 60 AAAA 64:ff9b::c000:201',
  ]);
  equal((await server.ask('x.org', 'AAAA'))?.answers, undefined);
  await using all = await CorefileServer.start(
    '. {\n dns64 {\n  prefix 64:ff9b:1::/96\n  allow_ipv4\n  translate_all\n }\n forward . 192.0.2.53\n}',
    everywhere,
  );
  deepEqual((await all.ask('x.org', 'AAAA'))?.answers, ['x.org. 60 AAAA 64:ff9b:1::c000:201']);
});

test('errors: consolidate counts what matches a pattern; stacktrace is taken', async () => {
  await using server = await CorefileServer.start(
    '. {\n errors {\n  stacktrace\n  consolidate 1m "^no upstream" info show_first\n }\n forward . 192.0.2.53\n}',
  );
  for (let i = 0; i < 5; i += 1) equal((await server.ask(`x${i}.org`))?.rcode, 'SERVFAIL');
  deepEqual(server.lines, ['SERVFAIL: no upstream answers: no answer']);
});
