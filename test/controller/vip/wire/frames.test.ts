import { deepEqual, equal } from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { arpProbe, decodeArp, gratuitousArp } from '../../../../controller/vip/wire/arp.ts';
import {
  decodeNeighbourAdvertisement,
  solicitationProbe,
  unsolicitedAdvertisement,
} from '../../../../controller/vip/wire/neighbour.ts';

const mac = Buffer.from('020000000002', 'hex');
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe('ARP', () => {
  test('a gratuitous request is the frame that keepalived 2.2.7 sends', () => {
    equal(
      text(gratuitousArp('request', mac, '10.9.0.100')),
      'ffffffffffff020000000002080600010800060400010200000000020a090064ffffffffffff0a090064',
    );
  });
  test('the reply form differs in the opcode alone', () => {
    const request = gratuitousArp('request', mac, '10.9.0.100');
    const reply = gratuitousArp('reply', mac, '10.9.0.100');
    deepEqual(
      [...reply.keys()].filter((at) => reply[at] !== request[at]),
      [21],
    );
  });
  test('a probe claims nothing: its sender is 0.0.0.0', () => {
    deepEqual(decodeArp(arpProbe(mac, '10.9.0.100')), {
      kind: 'request',
      senderMac: new Uint8Array(mac),
      sender: '0.0.0.0',
      target: '10.9.0.100',
    });
  });
  test('padding to the length of Ethernet is no harm', () => {
    const padded = Buffer.concat([gratuitousArp('reply', mac, '10.9.0.1'), Buffer.alloc(18)]);
    equal(decodeArp(padded)?.sender, '10.9.0.1');
  });
});

describe('neighbour discovery', () => {
  test('an unsolicited advertisement is the frame that keepalived 2.2.7 sends', () => {
    equal(
      text(unsolicitedAdvertisement(mac, 'fe80::53', false)),
      '333300000001020000000002' +
        '86dd6000000000203afffe800000000000000000000000000053ff020000000000000000000000000001' +
        '880056f620000000fe8000000000000000000000000000530201020000000002',
    );
  });
  test('it decodes to its target and MAC', () => {
    deepEqual(decodeNeighbourAdvertisement(unsolicitedAdvertisement(mac, '2001:db8::53', true)), {
      senderMac: new Uint8Array(mac),
      target: '2001:db8::53',
    });
  });
  test('a probe goes to the solicited-node group, from nobody', () => {
    const frame = solicitationProbe(mac, '2001:db8::12:3456');
    equal(text(frame.subarray(0, 6)), '3333ff123456');
    equal(text(frame.subarray(22, 38)), '00'.repeat(16));
    equal(decodeNeighbourAdvertisement(frame), undefined);
  });
  test('a hop limit below 255 came from beyond a router: refused', () => {
    const frame = unsolicitedAdvertisement(mac, 'fe80::53', false);
    frame[21] = 254;
    equal(decodeNeighbourAdvertisement(frame), undefined);
  });
  test('a wrong checksum is refused', () => {
    const frame = unsolicitedAdvertisement(mac, 'fe80::53', false);
    frame[56] = 0;
    equal(decodeNeighbourAdvertisement(frame), undefined);
  });
});

test('cut or garbled frames give undefined, never an exception', () => {
  const whole = [
    gratuitousArp('reply', mac, '10.0.0.1'),
    unsolicitedAdvertisement(mac, '::1', false),
  ];
  for (const frame of whole) {
    for (let length = 0; length < frame.length; length += 1) {
      equal(decodeArp(frame.subarray(0, length)), undefined);
      equal(decodeNeighbourAdvertisement(frame.subarray(0, length)), undefined);
    }
  }
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 120 }), (bytes) => {
      decodeArp(bytes);
      decodeNeighbourAdvertisement(bytes);
    }),
  );
});
