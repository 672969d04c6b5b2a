import { equal, notEqual } from 'node:assert/strict';
import { suite, test } from 'node:test';
import { Slab, SlabPool } from '../../../../../proxy/planes/userspace/tcp/slab-pool.ts';

suite('SlabPool', () => {
  test('a returned slab is lent again, a lent one is not', () => {
    const pool = new SlabPool(64, 4);
    const first = pool.take();
    notEqual(pool.take(), first);
    pool.give(first);
    equal(pool.take(), first);
  });

  test('keeps no more than it should', () => {
    const pool = new SlabPool(64, 1);
    const [a, b] = [pool.take(), pool.take()];
    pool.give(a);
    pool.give(b);
    equal(pool.take(), a);
    notEqual(pool.take(), b);
  });

  for (const length of [0, 1, 1024, 1025, 2048]) {
    test(`first(${length}) shows the slab's own bytes, the second time too`, () => {
      const slab = new Slab(2048);
      slab.bytes.fill(1);
      equal(slab.first(length).length, length);
      slab.bytes.fill(2);
      equal(slab.first(length).compare(Buffer.alloc(length, 2)), 0);
    });
  }
});
