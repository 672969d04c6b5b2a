import { deepEqual, equal, notDeepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { PersistentMap } from '../../../controller/base/index.ts';

const key = fc.string({ maxLength: 3 });
const step = fc.record({
  upserted: fc.array(fc.tuple(key, fc.nat(9)), { maxLength: 5 }),
  removed: fc.array(key, { maxLength: 5 }),
});

const sorted = <V>(map: ReadonlyMap<string, V>): [string, V][] =>
  [...map].toSorted(([a], [b]) => (a < b ? -1 : 1));

test('it holds what a Map would hold, after any changes', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
      const model = new Map<string, number>();
      let map = PersistentMap.from<number>();
      for (const { upserted, removed } of steps) {
        for (const one of removed) model.delete(one);
        for (const [one, value] of upserted) model.set(one, value);
        map = map.with(upserted, removed);
        equal(map.size, model.size);
        deepEqual(sorted(map), sorted(model));
        for (const one of [...model.keys(), 'absent']) {
          equal(map.get(one), model.get(one));
          equal(map.has(one), model.has(one));
        }
      }
    }),
  );
});

test('a version that was handed out never changes', () => {
  const first = PersistentMap.from([
    ['a', 1],
    ['b', 2],
  ]);
  const second = first.with([['a', 9]], ['b']);
  deepEqual(sorted(first), [
    ['a', 1],
    ['b', 2],
  ]);
  deepEqual(sorted(second), [['a', 9]]);
});

test('deep comparison sees the content', () => {
  deepEqual(PersistentMap.from([['a', 1]]), PersistentMap.from([['a', 1]]));
  notDeepEqual(PersistentMap.from([['a', 1]]), PersistentMap.from([['a', 2]]));
  const emptied = PersistentMap.from([['a', 1]]).with([], ['a']);
  deepEqual(emptied, PersistentMap.from());
});

test('every way to walk it gives the same', () => {
  const map = PersistentMap.from(Array.from({ length: 2_000 }, (_, i) => [`key ${i}`, i] as const));
  const walked: [string, number][] = [];
  map.forEach((value, one) => walked.push([one, value]));
  deepEqual(walked, [...map]);
  deepEqual(
    [...map.keys()],
    walked.map(([one]) => one),
  );
  deepEqual(
    [...map.values()],
    walked.map(([, value]) => value),
  );
});
