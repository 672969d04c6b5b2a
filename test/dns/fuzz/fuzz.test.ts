import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { fuzz } from './fuzz.ts';

test('5000 mutated messages: each is answered as it should be, or not at all', async () => {
  const { iterations, answered, findings } = await fuzz(20_261_121, (done) => done < 5000);
  deepEqual(findings, []);
  equal(iterations, 5000);
  // Mutation leaves enough whole that plugins see something too.
  ok(answered > 1000, String(answered));
});
