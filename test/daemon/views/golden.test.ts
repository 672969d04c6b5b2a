import { equal, ok } from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { before, test } from 'node:test';
import type { Problem } from '../../../controller/base/index.ts';
import { tableText } from '../../../daemon/cli/table-text.ts';
import { readViewTable } from '../../../daemon/cli/view-reply.ts';
import { answerDescribe, answerView, type ViewInput } from '../../../daemon/views/index.ts';
import { resources, resourceInfo } from '../../../daemon/views/resources.ts';
import { secretWord, shop } from './shop.ts';

const problems: readonly Problem[] = [
  {
    severity: 'error',
    reason: 'NoSuchService',
    message: 'there is no Service gone',
    instead: 'name one of elsewhere, web',
    object: { kind: 'Ingress', namespace: 'default', name: 'shop', field: 'spec.rules[0]' },
    at: { file: 'shop.yaml', line: 3, column: 4 },
  },
  { severity: 'warning', reason: 'KindNotServed', message: '2 objects of kind Deployment' },
  {
    severity: 'warning',
    reason: 'NoReadyEndpoints',
    message: 'no Pod matches',
    object: { kind: 'Service', namespace: 'shop', name: 'balanced' },
  },
];

let input: ViewInput;
before(async () => {
  input = await shop(problems);
});

const lists = resources.map((resource) => resourceInfo(resource).plural);
const scoped = ['services', 'endpoints', 'problems'].map((plural) => `${plural}?namespace=default`);
const named = ['services?namespace=default&name=web', 'problems?name=shop'];

for (const query of [...lists, ...scoped, ...named]) {
  test(`get ${query}`, () => {
    const reply = answerView(new URL(`http://daemon/debug/view/${query}`), input);
    equal(reply.status, 200);
    const table = readViewTable(reply.body);
    compare(`get-${query}`, `${tableText(table, false)}\nwide:\n${tableText(table, true)}`);
  });
}

const described = [
  'service/default/web',
  'svc/default/elsewhere',
  'ep/default/web',
  'ingress/default/shop',
  'pod/default/web-a',
  'endpointslice/default/web-1',
  'secret/default/shop-tls',
  'configmap/default/settings',
  'endpointhealth/default/web',
  'node/-/edge',
  'namespace/-/default',
  'ingressclass/-/portolan',
];

for (const path of described) {
  test(`describe ${path}`, () => {
    const reply = answerDescribe(new URL(`http://daemon/debug/describe/${path}`), input);
    equal(reply.status, 200);
    compare(`describe-${path}`, reply.body);
  });
}

test('nothing that is secret is ever shown', () => {
  for (const plural of lists) {
    const url = new URL(`http://daemon/debug/view/${plural}?objects=true`);
    ok(!answerView(url, input).body.includes(secretWord), plural);
  }
  for (const path of described) {
    const url = new URL(`http://daemon/debug/describe/${path}`);
    ok(!answerDescribe(url, input).body.includes(secretWord), path);
  }
});

/** Compares with golden/NAME.txt; with UPDATE_GOLDEN=1 in the environment, writes it instead. */
function compare(name: string, text: string): void {
  const file = new URL(`golden/${name.replaceAll(/[^\w-]+/g, '_')}.txt`, import.meta.url);
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(file, text);
  equal(text, readFileSync(file, 'utf8'));
}
