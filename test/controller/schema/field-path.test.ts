import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { formatPath, nearest, parsePath } from '../../../controller/schema/index.ts';

const cases: readonly (readonly [readonly (string | number)[], string])[] = [
  [[], ''],
  [['spec', 'ports', 0, 'targetPort'], 'spec.ports[0].targetPort'],
  [['metadata', 'annotations', 'example.com/a'], 'metadata.annotations[example.com/a]'],
  [['data', 'tls.crt'], 'data[tls.crt]'],
  [['metadata', 'labels', 'app'], 'metadata.labels.app'],
];
for (const [path, text] of cases) {
  test(`path ${text}`, () => {
    equal(formatPath(path), text);
    deepEqual(parsePath(text), path);
  });
}

test('every path of words and indexes comes back', () => {
  const part = fc.oneof(fc.stringMatching(/^[A-Za-z][\w./-]{0,10}$/), fc.nat({ max: 999 }));
  fc.assert(fc.property(fc.array(part), (path) => deepEqual(parsePath(formatPath(path)), path)));
});

const words: readonly (readonly [string, string | undefined])[] = [
  ['targetport', 'targetPort'],
  ['tragetPort', 'targetPort'],
  ['nam', 'name'],
  ['image', undefined],
  ['protocoll', 'protocol'],
];
for (const [word, expected] of words) {
  test(`nearest to ${word}`, () => {
    equal(nearest(word, ['name', 'port', 'protocol', 'targetPort']), expected);
  });
}
