import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import type { EdnsOption } from '../../../../dns/wire/index.ts';
import { CorefileServer, type Outside } from '../../corefile-server.ts';
import { answering, everywhere } from '../records.ts';

const start = (lines: string, outside: Outside = everywhere): Promise<CorefileServer> =>
  CorefileServer.start(`. {\n errors\n rewrite ${lines}\n forward . 192.0.2.53\n}`, outside);

const hex = (text: string): Buffer => Buffer.from(text, 'hex');

/** What was there before, the rule, and what upstream is sent. */
const options: readonly (readonly [
  rule: string,
  sent: readonly EdnsOption[] | undefined,
  upstream: readonly EdnsOption[] | undefined,
])[] = [
  ['local set 0xffee 0x61626364', undefined, [{ code: 0xffee, octets: hex('61626364') }]],
  ['local set 0xffee abcd', [], [{ code: 0xffee, octets: hex('61626364') }]],
  [
    'local replace 0xffee abcd',
    [{ code: 0xffee, octets: hex('00') }],
    [{ code: 0xffee, octets: hex('61626364') }],
  ],
  ['local replace 0xffee abcd', [], []],
  [
    'local append 0xffee abcd',
    [{ code: 0xffee, octets: hex('00') }],
    [{ code: 0xffee, octets: hex('00') }],
  ],
  ['local unset 0xffee', [{ code: 0xffee, octets: hex('00') }], []],
  ['local set 0xffee {client_ip} revert', [], [{ code: 0xffee, octets: hex('0a010203') }]],
  ['local set 0xffee {qname}', [], [{ code: 0xffee, octets: Buffer.from('x.org.') }]],
  ['local set 0xffee {qtype}', [], [{ code: 0xffee, octets: Buffer.from('A') }]],
  ['local set 0xffee {client_port}', [], [{ code: 0xffee, octets: hex('9c40') }]],
  ['local set 0xffee {protocol}', [], [{ code: 0xffee, octets: Buffer.from('udp') }]],
  ['nsid set', [], [{ code: 3, octets: hex('') }]],
  ['subnet set 20 56', [], [{ code: 8, octets: hex('000114000a0100') }]],
  ['subnet unset', [{ code: 8, octets: hex('000118000a0102') }], []],
];
for (const [rule, sent, upstream] of options) {
  test(`rewrite: edns0 ${rule}${sent?.length ? ', there already' : ''}`, async () => {
    let seen: readonly EdnsOption[] | undefined;
    await using server = await start(`edns0 ${rule}`, (request, to) => {
      seen = request.edns?.options;
      return everywhere(request, to);
    });
    const edns = sent && { edns: { options: sent } };
    const reply = await server.message('x.org', 'A', { from: '10.1.2.3', ...edns });
    deepEqual(seen, upstream);
    // The client speaks EDNS, or does not, as it did before.
    deepEqual(reply?.edns?.options, sent && []);
  });
}

const rcodes: readonly (readonly [rule: string, outside: Outside, expected: string])[] = [
  ['x.org NXDOMAIN NOERROR', () => ({ rcode: 3 }), 'NOERROR'],
  ['suffix .org NXDOMAIN REFUSED', () => ({ rcode: 3 }), 'REFUSED'],
  ['y.org NXDOMAIN NOERROR', () => ({ rcode: 3 }), 'NXDOMAIN'],
  ['regex (.*) SERVFAIL NXDOMAIN', () => undefined, 'NXDOMAIN'],
  ['regex (.*) NXDOMAIN NOERROR', () => undefined, 'SERVFAIL'],
];
for (const [rule, outside, expected] of rcodes) {
  test(`rewrite: rcode ${rule} is ${expected}`, async () => {
    await using server = await start(`rcode ${rule}`, outside);
    equal((await server.ask('x.org'))?.rcode, expected);
  });
}

test('rewrite: cname leads elsewhere, and the rest is looked up anew', async () => {
  const outside: Outside = (request, to) =>
    request.questions[0]?.name[0] === 'www'
      ? answering(['www.x.org. 60 IN CNAME old.cdn.net.', 'old.cdn.net. 60 IN A 192.0.2.9'])
      : everywhere(request, to);
  await using server = await start('continue cname suffix .cdn.net. .cdn.org.', outside);
  deepEqual((await server.ask('www.x.org'))?.answers, [
    'www.x.org. 60 CNAME old.cdn.org.',
    'old.cdn.org. 60 A 192.0.2.1',
  ]);
  deepEqual(server.asked, ['www.x.org', 'old.cdn.org']);
  deepEqual((await server.ask('a.org'))?.answers, ['a.org. 60 A 192.0.2.1']);
});
