import { deepEqual, equal, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { ClientIdentifier } from '../../../../ingress/engines/shared/client-identity.ts';

const trusted = ['10.0.0.0/8', 'fd00::/8', '192.0.2.9'];
const cases = [
  // peer, X-Forwarded-For, address, sent on
  ['198.51.100.1', undefined, '198.51.100.1', '198.51.100.1'],
  ['198.51.100.1', '203.0.113.5', '198.51.100.1', '198.51.100.1'],
  ['::ffff:198.51.100.1', undefined, '198.51.100.1', '198.51.100.1'],
  ['10.0.0.1', undefined, '10.0.0.1', '10.0.0.1'],
  ['10.0.0.1', '203.0.113.5', '203.0.113.5', '203.0.113.5, 10.0.0.1'],
  ['::ffff:10.0.0.1', '203.0.113.5', '203.0.113.5', '203.0.113.5, 10.0.0.1'],
  [
    '10.0.0.1',
    '1.1.1.1, 203.0.113.5, 10.2.3.4',
    '203.0.113.5',
    '1.1.1.1, 203.0.113.5, 10.2.3.4, 10.0.0.1',
  ],
  ['fd00::1', '2001:db8::1', '2001:db8::1', '2001:db8::1, fd00::1'],
  ['192.0.2.9', '10.0.0.5, 10.0.0.6', '10.0.0.5', '10.0.0.5, 10.0.0.6, 192.0.2.9'],
  ['10.0.0.1', '203.0.113.5, nonsense', '10.0.0.1', '203.0.113.5, nonsense, 10.0.0.1'],
  ['10.0.0.1', ' , ,', '10.0.0.1', '10.0.0.1'],
] as const;
for (const [peer, forwardedFor, address, sentOn] of cases) {
  test(`peer ${peer}, X-Forwarded-For ${forwardedFor ?? 'absent'}: ${address}`, () => {
    const identity = new ClientIdentifier(trusted).identify(
      { peer, scheme: 'http', host: 'app.test', port: 80 },
      {
        for: forwardedFor,
        proto: undefined,
        host: undefined,
        port: undefined,
        forwarded: undefined,
      },
    );
    equal(identity.address, address);
    equal(identity.forwardedFor, sentOn);
  });
}

test('only http and https are schemes', () => {
  const identity = new ClientIdentifier(trusted).identify(
    { peer: '10.0.0.1', scheme: 'http', host: 'app.test', port: 80 },
    { for: undefined, proto: 'javascript', host: 'front.test', port: '443', forwarded: undefined },
  );
  deepEqual(identity, {
    address: '10.0.0.1',
    forwardedFor: '10.0.0.1',
    scheme: 'http',
    forwardedHost: 'front.test',
    forwardedPort: '443',
    forwarded: '',
  });
});

test('what is no network is refused at the start', () => {
  throws(() => new ClientIdentifier(['everybody']));
});

const forwardedCases = [
  ['for=203.0.113.5', '203.0.113.5'],
  ['for=203.0.113.5:4711;proto=https', '203.0.113.5'],
  ['proto=https;For="[2001:db8::1]:4711"', '2001:db8::1'],
  ['for=1.1.1.1, for=203.0.113.5, for=10.0.0.2', '203.0.113.5'],
  ['for=unknown, for=10.0.0.2', '10.0.0.2'],
  ['for=_hidden', '10.0.0.1'],
  ['by=203.0.113.5', '10.0.0.1'],
] as const;
for (const [forwarded, address] of forwardedCases) {
  test(`Forwarded: ${forwarded} of a trusted peer: ${address}`, () => {
    const identity = new ClientIdentifier(trusted).identify(
      { peer: '10.0.0.1', scheme: 'http', host: 'app.test', port: 80 },
      { for: undefined, proto: undefined, host: undefined, port: undefined, forwarded },
    );
    equal(identity.address, address);
    equal(identity.forwarded, `${forwarded}, for=10.0.0.1;host="app.test";proto=http`);
  });
}

test('Forwarded of anybody else is dropped', () => {
  const identity = new ClientIdentifier(trusted).identify(
    { peer: '198.51.100.1', scheme: 'http', host: 'app.test', port: 80 },
    {
      for: undefined,
      proto: undefined,
      host: undefined,
      port: undefined,
      forwarded: 'for=1.1.1.1',
    },
  );
  equal(identity.address, '198.51.100.1');
  equal(identity.forwarded, '');
});
