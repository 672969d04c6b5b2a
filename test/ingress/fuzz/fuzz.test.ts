import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { fuzz } from './fuzz.ts';
import { read } from './read.ts';
import { kinds, seedsOf } from './seeds.ts';

test('20 000 mutated messages mean the same however they are cut', () => {
  const { iterations, findings } = fuzz(20_261_121, (done) => done < 20_000);
  deepEqual(findings, []);
  equal(iterations, 20_000);
});

for (const kind of kinds) {
  test(`what is kept of ${kind} means the same cut anywhere`, () => {
    for (const bytes of seedsOf(kind)) {
      const whole = read(kind, [bytes]);
      for (let cut = 0; cut <= bytes.length; cut += 1) {
        equal(read(kind, [bytes.subarray(0, cut), bytes.subarray(cut)]), whole);
      }
    }
  });
}
