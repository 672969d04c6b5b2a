import { equal } from 'node:assert/strict';
import { test } from 'node:test';
import { admit } from '../../../controller/schema/index.ts';
import { type Row, testIssues } from './issue-table.ts';

const backend = { service: { name: 'shop', port: { number: 80 } } };
const ingress = (spec: object, metadata: object = {}): object => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { name: 'shop', ...metadata },
  spec,
});
const withHost = (host: string): object => ingress({ rules: [{ host }] });
const withPath = (path: string | undefined, pathType: string | undefined): object =>
  ingress({ rules: [{ http: { paths: [{ path, pathType, backend }] } }] });
const withBackend = (defaultBackend: object): object => ingress({ defaultBackend });

const host = ['spec.rules[0].host'];
const path = ['spec.rules[0].http.paths[0].path'];
const pathType = ['spec.rules[0].http.paths[0].pathType'];
const rows: readonly Row[] = [
  { name: 'neither backend nor rules', object: ingress({}), refused: ['spec.rules'] },
  {
    name: 'no spec',
    object: { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata: { name: 'a' } },
    refused: ['spec'],
  },
  { name: 'rule without http claims the host', object: withHost('foo.com') },
  {
    name: 'http without paths',
    object: ingress({ rules: [{ http: { paths: [] } }] }),
    refused: ['spec.rules[0].http.paths'],
  },
  { name: 'class', object: ingress({ ingressClassName: 'a.b', defaultBackend: backend }) },
  {
    name: 'bad class',
    object: ingress({ ingressClassName: 'A_B', defaultBackend: backend }),
    refused: ['spec.ingressClassName'],
  },
  {
    name: 'class twice',
    object: ingress(
      { ingressClassName: 'a', defaultBackend: backend },
      { annotations: { 'kubernetes.io/ingress.class': 'a' } },
    ),
    refused: ['metadata.annotations[kubernetes.io/ingress.class]'],
  },
  { name: 'wildcard host', object: withHost('*.foo.com') },
  { name: 'host is an address', object: withHost('10.0.0.1'), refused: host },
  { name: 'host is an IPv6 address', object: withHost('[fd00::1]'), refused: host },
  { name: 'host with port', object: withHost('foo.com:8080'), refused: host },
  { name: 'host in upper case', object: withHost('Foo.com'), refused: host },
  { name: '* alone', object: withHost('*'), refused: host },
  { name: '* not first', object: withHost('a.*.com'), refused: host },
  { name: '* as part of a label', object: withHost('a*.foo.com'), refused: host },
  { name: '* twice', object: withHost('*.*.com'), refused: host },
  { name: 'Exact', object: withPath('/a/', 'Exact') },
  { name: 'Prefix', object: withPath('/', 'Prefix') },
  { name: 'no pathType', object: withPath('/', undefined), refused: pathType },
  { name: 'unknown pathType', object: withPath('/', 'prefix'), refused: pathType },
  { name: 'relative', object: withPath('a', 'Prefix'), refused: path },
  {
    name: 'relative, ImplementationSpecific',
    object: withPath('a', 'ImplementationSpecific'),
    refused: path,
  },
  { name: 'no path, Prefix', object: withPath(undefined, 'Prefix'), refused: path },
  {
    name: 'no path, ImplementationSpecific',
    object: withPath(undefined, 'ImplementationSpecific'),
  },
  { name: 'regular expression', object: withPath('/a(/|$)(.*)', 'ImplementationSpecific') },
  ...['/a//b', '/a/./b', '/a/../b', '/a%2fb', '/a%2Fb', '/a/.', '/a/..'].map((text) => ({
    name: `Prefix ${text}`,
    object: withPath(text, 'Prefix'),
    refused: path,
  })),
  { name: 'dots in names', object: withPath('/a/..b/.c', 'Prefix') },
  {
    name: 'neither service nor resource',
    object: withBackend({}),
    refused: ['spec.defaultBackend.service'],
  },
  {
    name: 'service and resource',
    object: withBackend({ ...backend, resource: { kind: 'A', name: 'b' } }),
    refused: ['spec.defaultBackend'],
  },
  { name: 'resource', object: withBackend({ resource: { kind: 'A', name: 'b' } }) },
  {
    name: 'no port',
    object: withBackend({ service: { name: 'shop' } }),
    refused: ['spec.defaultBackend.service.port.number'],
  },
  {
    name: 'name and number',
    object: withBackend({ service: { name: 'shop', port: { name: 'a', number: 1 } } }),
    refused: ['spec.defaultBackend.service.port'],
  },
  {
    name: 'number 65536',
    object: withBackend({ service: { name: 'shop', port: { number: 65536 } } }),
    refused: ['spec.defaultBackend.service.port.number'],
  },
  {
    name: 'number as name',
    object: withBackend({ service: { name: 'shop', port: { name: '80' } } }),
    refused: ['spec.defaultBackend.service.port.name'],
  },
  {
    name: 'number in quotes',
    object: withBackend({ service: { name: 'shop', port: { number: '80' } } }),
    refused: ['spec.defaultBackend.service.port.number'],
  },
  {
    name: 'old form of backends',
    object: withBackend({ serviceName: 'shop', servicePort: 80 }),
    refused: ['spec.defaultBackend.service'],
    doubtful: ['spec.defaultBackend.serviceName', 'spec.defaultBackend.servicePort'],
  },
  {
    name: 'TLS',
    object: ingress({
      defaultBackend: backend,
      tls: [{ hosts: ['*.foo.com'], secretName: 'a.b' }, {}],
    }),
  },
  {
    name: 'TLS host in upper case',
    object: ingress({ defaultBackend: backend, tls: [{ hosts: ['Foo.com'] }] }),
    refused: ['spec.tls[0].hosts[0]'],
  },
  {
    name: 'TLS secret with slash',
    object: ingress({ defaultBackend: backend, tls: [{ secretName: 'a/b' }] }),
    refused: ['spec.tls[0].secretName'],
  },
];
testIssues(rows);

const ingressClass = (spec: object): object => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'IngressClass',
  metadata: { name: 'portolan' },
  spec,
});
testIssues([
  { name: 'IngressClass', object: ingressClass({ controller: 'portolan.dev/ingress' }) },
  {
    name: 'IngressClass without controller',
    object: ingressClass({}),
    refused: ['spec.controller'],
  },
  {
    name: 'IngressClass with a bare controller',
    object: ingressClass({ controller: 'portolan' }),
    refused: ['spec.controller'],
  },
  {
    name: 'parameters in a namespace',
    object: ingressClass({
      controller: 'a.b/c',
      parameters: { kind: 'ConfigMap', name: 'a', scope: 'Namespace', namespace: 'b' },
    }),
  },
  {
    name: 'parameters in no namespace',
    object: ingressClass({
      controller: 'a.b/c',
      parameters: { kind: 'ConfigMap', name: 'a', scope: 'Namespace' },
    }),
    refused: ['spec.parameters.namespace'],
  },
  {
    name: 'parameters of the cluster with namespace',
    object: ingressClass({
      controller: 'a.b/c',
      parameters: { kind: 'ConfigMap', name: 'a', namespace: 'b' },
    }),
    refused: ['spec.parameters.namespace'],
  },
]);

const hints: readonly (readonly [string, object, string])[] = [
  ['port in host', withHost('foo.com:8080'), '"foo.com"'],
  ['relative path', withPath('a', 'Prefix'), '"/a"'],
  ['double slash', withPath('/a//b', 'Prefix'), '"/a/b"'],
  ['dot segments', withPath('/a/../b', 'Prefix'), '"/b"'],
  ['pathType in lower case', withPath('/', 'prefix'), 'Prefix'],
];
for (const [name, object, instead] of hints) {
  test(`says what to write instead: ${name}`, () => {
    const admission = admit(object);
    equal(admission.kind === 'refused' && admission.issues[0]?.instead, instead);
  });
}
