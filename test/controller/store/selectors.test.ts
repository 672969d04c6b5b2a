import { equal, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { assert, constantFrom, property, string } from 'fast-check';
import { parseFieldSelector } from '../../../controller/store/field-selector.ts';
import { matchesLabels, parseLabelSelector } from '../../../controller/store/label-selector.ts';
import { StoreError } from '../../../controller/store/index.ts';
import { pod, service } from './objects.ts';

const labels = { app: 'web', 'example.com/tier': 'front', empty: '' };

const labelCases = [
  ['', true, 'nothing asked'],
  ['app=web', true, 'equal'],
  ['app==web', true, 'equal, doubled'],
  ['app = web', true, 'blanks'],
  ['app=db', false, 'other value'],
  ['app!=db', true, 'not equal'],
  ['none!=db', true, 'not equal holds for the absent'],
  ['app in (db, web)', true, 'in'],
  ['app in (db)', false, 'not in list'],
  ['none in (db)', false, 'in fails for the absent'],
  ['app notin (db,x)', true, 'notin'],
  ['none notin (db)', true, 'notin holds for the absent'],
  ['app notin (web)', false, 'notin fails'],
  ['app', true, 'exists'],
  ['empty', true, 'exists with empty value'],
  ['empty=', true, 'equal to empty'],
  ['none=', false, 'the absent is not empty'],
  ['!none', true, 'absent'],
  ['!app', false, 'present'],
  ['example.com/tier=front', true, 'prefixed key'],
  ['app in (a,web),!none,empty', true, 'all hold, commas inside parentheses'],
  ['app=web,example.com/tier=back', false, 'one fails'],
] as const;
for (const [text, wanted, why] of labelCases) {
  test(`label selector "${text}": ${why}`, () => {
    equal(matchesLabels(parseLabelSelector(text), labels), wanted);
  });
}

for (const text of ['=a', 'a=b=c', '!a=b', 'a in b', 'a in (b', ',', 'a=b,', 'a=$', '-a', 'a b']) {
  test(`label selector "${text}" is refused`, () => {
    throws(() => parseLabelSelector(text), { code: 'Invalid' });
  });
}

test('any text is a label selector or Invalid, at once', () => {
  assert(
    property(
      string({ unit: constantFrom('a', 'b', '=', '!', '(', ')', ',', ' ', 'in', '/', '.', '-') }),
      (text) => {
        try {
          parseLabelSelector(text);
        } catch (error) {
          equal(error instanceof StoreError && error.code, 'Invalid');
        }
      },
    ),
  );
});

const fieldCases = [
  ['metadata.name=a', true],
  ['metadata.name!=a', false],
  ['metadata.namespace==shop', true],
  ['status.phase=Running,spec.hostNetwork=false', true],
  ['status.phase!=Running', false],
  ['spec.nodeName=', true],
  ['status.podIP=fd00::1', true],
] as const;
for (const [text, wanted] of fieldCases) {
  test(`field selector "${text}" is ${wanted}`, () => {
    const object = pod('shop/a', { phase: 'Running', podIP: 'fd00::1' });
    equal(parseFieldSelector('Pod', text)(object), wanted);
  });
}

test('a field value may hold an escaped comma', () => {
  const odd = service('shop/a', { clusterIP: 'a,b=c' });
  equal(parseFieldSelector('Service', String.raw`spec.clusterIP=a\,b\=c`)(odd), true);
});

for (const text of ['spec.image=x', 'metadata.name', 'metadata.name=a=b', 'constructor=x', '=']) {
  test(`field selector "${text}" is refused`, () => {
    throws(() => parseFieldSelector('Pod', text), { code: 'Invalid' });
  });
}
