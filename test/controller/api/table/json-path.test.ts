import { equal } from 'node:assert/strict';
import { test } from 'node:test';
import { jsonPathText } from '../../../../controller/api/table/json-path.ts';

const nowMs = Date.parse('2026-01-01T01:00:00Z');
const object = {
  metadata: { creationTimestamp: '2026-01-01T00:00:00Z', labels: { 'a.b/c': 'd' } },
  spec: { size: 3, hosts: ['x', 'y'], map: { a: 1 } },
  status: {
    conditions: [
      { type: 'A', status: 'False' },
      { type: 'Ready', status: 'True' },
    ],
  },
};
const cases = [
  ['.spec.size', 'integer', 3],
  ['.spec.hosts[1]', 'string', 'y'],
  ['.spec.map', 'string', '{"a":1}'],
  [".metadata.labels['a.b/c']", 'string', 'd'],
  ['.metadata.labels.a\\.b/c', 'string', null],
  ['.status.conditions[?(@.type=="Ready")].status', 'string', 'True'],
  ['.metadata.creationTimestamp', 'date', '60m'],
  ['.spec.nothing.below', 'string', null],
  ['.constructor', 'string', null],
  ['.spec[*]', 'string', null],
] as const;
for (const [path, type, wanted] of cases) {
  test(`${path} as ${type}`, () => equal(jsonPathText(object, path, type, nowMs), wanted));
}
