import { equal } from 'node:assert/strict';
import { test } from 'node:test';
import { closest } from '../../../daemon/config/index.ts';

const cases: readonly (readonly [
  word: string,
  known: readonly string[],
  best: string | undefined,
])[] = [
  ['sevice', ['service', 'secret'], 'service'],
  ['SERVICE', ['service'], 'service'],
  ['gte', ['get', 'up'], 'get'],
  ['hlep', ['help', 'up'], 'help'],
  ['x', ['up', 'get'], undefined],
  ['dns', ['dnsUpstream'], undefined],
  ['dnsUpsteram', ['dns', 'dnsUpstream'], 'dnsUpstream'],
  ['', ['up'], undefined],
];
for (const [word, known, best] of cases) {
  test(`closest to ${JSON.stringify(word)}: ${best}`, () => equal(closest(word, known), best));
}
