import { deepEqual, equal } from 'node:assert/strict';
import { before, test } from 'node:test';
import { answerDescribe, answerView, type ViewInput } from '../../../daemon/views/index.ts';
import { findResource } from '../../../daemon/views/resources.ts';
import { shop } from './shop.ts';

let input: ViewInput;
before(async () => {
  input = await shop();
});

const names: readonly (readonly [written: string, resource: string | undefined])[] = [
  ['svc', 'Service'],
  ['service', 'Service'],
  ['Services', 'Service'],
  ['ep', 'Endpoints'],
  ['eps', 'EndpointSlice'],
  ['ing', 'Ingress'],
  ['po', 'Pod'],
  ['ns', 'Namespace'],
  ['no', 'Node'],
  ['cm', 'ConfigMap'],
  ['problems', 'Problem'],
  ['deployments', undefined],
  ['', undefined],
];
for (const [written, resource] of names) {
  test(`${JSON.stringify(written)} means ${resource}`, () =>
    equal(findResource(written), resource));
}

const absent: readonly (readonly [path: string, body: string])[] = [
  ['view/servces', '"servces" is no resource: write services\n'],
  ['view/services?namespace=default&name=wob', 'services "wob" not found in namespace default\n'],
  ['view/services?name=wob', 'services "wob" not found\n'],
  ['view/endpoints?namespace=shop&name=web', 'endpoints "web" not found in namespace shop\n'],
  ['view/nodes?namespace=default&name=none', 'nodes "none" not found\n'],
  [
    'view/%E0%A4%A',
    '"%E0%A4%A" is no resource: write one of addresspools, configmaps, endpointhealths, endpointslices, endpoints, ingresses, ingressclasses, namespaces, nodes, pods, problems, secrets, services, virtualips\n',
  ],
  ['describe/svc/default/wob', 'services "wob" not found in namespace default\n'],
  ['describe/servce/default/web', '"servce" is no resource: write services\n'],
  ['describe/problems/default/web', 'problems "web" not found in namespace default\n'],
];
for (const [path, body] of absent) {
  test(`404 for ${path}`, () => {
    const url = new URL(`http://daemon/debug/${path}`);
    const answer = path.startsWith('view') ? answerView(url, input) : answerDescribe(url, input);
    deepEqual(answer, { status: 404, contentType: 'text/plain; charset=utf-8', body });
  });
}

test('objects are sent only when asked for', () => {
  const path = 'http://daemon/debug/view/services?namespace=default&name=web';
  const without: unknown = JSON.parse(answerView(new URL(path), input).body);
  const whole: unknown = JSON.parse(answerView(new URL(`${path}&objects=true`), input).body);
  deepEqual(Object.keys(Object(without)), ['columns', 'rows']);
  const objects = [input.store.get('Service', 'default', 'web')];
  deepEqual(Object(whole).objects, JSON.parse(JSON.stringify(objects)));
});

test('a Service without endpoints is there, with an empty list', () => {
  const url = new URL('http://daemon/debug/view/endpoints?namespace=shop&name=balanced');
  equal(answerView(url, input).status, 200);
});
