import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { readProxyHeader } from '../../../ingress/transport/proxy-header.ts';
import { proxyHeader } from '../../../ingress/upstream/proxy-header.ts';

const v2 = '0d0a0d0a000d0a515549540a';
const hex = (text: string): Buffer => Buffer.from(text, 'hex');
const line = (text: string): Buffer => Buffer.from(`${text}\r\n`, 'latin1');

const sound: readonly (readonly [string, Buffer, string | undefined])[] = [
  ['v1, IPv4', line('PROXY TCP4 192.0.2.1 10.0.0.2 4711 80'), '192.0.2.1'],
  ['v1, IPv6', line('PROXY TCP6 2001:db8::1 ::1 0 65535'), '2001:db8::1'],
  ['v1, UNKNOWN', line('PROXY UNKNOWN'), undefined],
  ['v1, UNKNOWN and more', line('PROXY UNKNOWN whatever it says'), undefined],
  ['v2, IPv4', hex(`${v2}2111000cc00002010a00000212340050`), '192.0.2.1'],
  ['v2, IPv4 with TLVs', hex(`${v2}21110010c00002010a00000212340050ff000100`), '192.0.2.1'],
  ['v2, IPv6', hex(`${v2}2121002420010db8${'00'.repeat(11)}01${'00'.repeat(20)}`), '2001:db8::1'],
  ['v2, LOCAL', hex(`${v2}2011000cc00002010a00000212340050`), undefined],
  ['v2, UNSPEC', hex(`${v2}21000000`), undefined],
];
for (const [what, bytes, source] of sound) {
  test(`${what}: read, however it is split`, () => {
    const expected = { kind: 'header', length: bytes.length, source };
    for (let end = 0; end < bytes.length; end += 1) {
      equal(readProxyHeader(bytes.subarray(0, end)).kind, 'incomplete');
    }
    deepEqual(readProxyHeader(bytes), expected);
    deepEqual(readProxyHeader(Buffer.concat([bytes, Buffer.from('GET /')])), expected);
  });
}

const broken: readonly (readonly [string, Buffer])[] = [
  ['HTTP', Buffer.from('GET / HTTP/1.1\r\n')],
  ['TLS', hex('1603010200')],
  ['lower case', line('proxy TCP4 192.0.2.1 10.0.0.2 1 2')],
  ['a family that there is not', line('PROXY UDP4 192.0.2.1 10.0.0.2 1 2')],
  ['addresses of another family', line('PROXY TCP4 ::1 ::2 1 2')],
  ['two spaces', line('PROXY TCP4  192.0.2.1 10.0.0.2 1 2')],
  ['a port too high', line('PROXY TCP4 192.0.2.1 10.0.0.2 65536 2')],
  ['a port with a zero before it', line('PROXY TCP4 192.0.2.1 10.0.0.2 01 2')],
  ['a port missing', line('PROXY TCP4 192.0.2.1 10.0.0.2 1')],
  ['a line without end', Buffer.from(`PROXY UNKNOWN ${'x'.repeat(120)}`)],
  ['v2 of version 3', hex(`${v2}31110000`)],
  ['v2 with an unknown command', hex(`${v2}22110000`)],
  ['v2 too short for its family', hex(`${v2}21110004c0000201`)],
  ['v2 longer than anybody needs', hex(`${v2}2111ffff`)],
];
for (const [what, bytes] of broken) {
  test(`refused: ${what}`, () => equal(readProxyHeader(bytes).kind, 'invalid'));
}

test('what we write we read', () => {
  const port = fc.integer({ min: 0, max: 65_535 });
  const ends = fc.oneof(fc.tuple(fc.ipV4(), fc.ipV4()), fc.tuple(fc.ipV6(), fc.ipV6()));
  fc.assert(
    fc.property(ends, port, port, ([source, destination], sourcePort, destinationPort) => {
      const connection = { source, sourcePort, destination, destinationPort };
      const read = readProxyHeader(proxyHeader('v2', connection));
      const canonical = source.includes(':')
        ? new URL(`http://[${source}]`).hostname.slice(1, -1)
        : source;
      equal(read.kind === 'header' ? read.source : read.kind, canonical);
    }),
  );
});

test('any bytes: never more than they are', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (tail, isV2) => {
      const start = isV2 ? hex(v2) : Buffer.from('PROXY ');
      const bytes = Buffer.concat([start, tail]);
      const read = readProxyHeader(bytes);
      equal(read.kind !== 'header' || read.length <= bytes.length, true);
    }),
  );
});
