import { deepEqual, equal, notEqual, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { parseAddressRange } from '../../../../controller/reconcile/allocation/address-range.ts';
import {
  addressPool,
  joinPools,
  portPool,
} from '../../../../controller/reconcile/allocation/pool.ts';

test('every address but the reserved is offered once, the dynamic band first', () => {
  const pool = addressPool(parseAddressRange('10.0.0.0/24'));
  const all = [...pool.candidates('shop/web')];
  equal(new Set(all).size, 253, '256 less network, .1 and broadcast');
  const lastOctet = (address: string): number => Number(address.split('.')[3]);
  ok(all.slice(0, 239).every((address) => lastOctet(address) >= 16));
  ok(all.slice(239).every((address) => lastOctet(address) < 16));
});

test('the order is the asker’s own, and always the same', () => {
  const pool = addressPool(parseAddressRange('10.0.0.0/16'));
  const first = (asker: string): string => [...pool.candidates(asker)][0] ?? '';
  equal(first('shop/web'), first('shop/web'));
  notEqual(first('shop/web'), first('shop/api'));
});

const contained = [
  ['10.0.0.0', false, 'network'],
  ['10.0.0.1', true, 'first may be asked for'],
  ['10.0.0.254', true, 'last host'],
  ['10.0.0.255', false, 'broadcast'],
  ['10.0.1.1', false, 'outside'],
] as const;
for (const [address, wanted, why] of contained) {
  test(`10.0.0.0/24 and ${address}: ${why}`, () => {
    equal(addressPool(parseAddressRange('10.0.0.0/24')).contains(address), wanted);
  });
}

test('lone addresses are used as they are', () => {
  const pools = ['192.0.2.7', '192.0.2.9'].map((text) => addressPool(parseAddressRange(text)));
  const joined = joinPools(pools);
  deepEqual([...(joined?.candidates('x') ?? [])], ['192.0.2.7', '192.0.2.9']);
  equal(joined?.contains('192.0.2.9'), true);
});

test('node ports: the lower band comes last', () => {
  const all = [...portPool({ first: 30_000, last: 32_767 }, 'UDP').candidates('x')];
  equal(new Set(all).size, 2768);
  ok(
    all.slice(0, 2768 - 86).every((value) => Number(value.slice(4)) >= 30_086),
    'KEP-3668: 86',
  );
});

test('a pool of one port', () => {
  deepEqual([...portPool({ first: 80, last: 80 }, 'TCP').candidates('x')], ['TCP/80']);
});
