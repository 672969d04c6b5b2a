import { equal } from 'node:assert/strict';
import { test } from 'node:test';
import { Readiness } from '../../../daemon/up/readiness.ts';

test('ready when every step is done, in any order', async () => {
  const readiness = new Readiness();
  readiness.expect('manifests', 'the manifests');
  readiness.expect('l4', 'the l4 plane');
  equal(readiness.ready, false);
  equal(readiness.describe(), 'waiting for the manifests\nwaiting for the l4 plane\n');
  const waited = readiness.whenReady();
  readiness.done('l4');
  readiness.done('l4');
  equal(readiness.ready, false);
  readiness.done('manifests');
  await waited;
  equal(readiness.ready, true);
  equal(readiness.describe(), 'ok\n');
});

test('draining is the end of being ready', () => {
  const readiness = new Readiness();
  readiness.drain();
  equal(readiness.ready, false);
  equal(readiness.describe(), 'draining\n');
});
