import { deepEqual, equal, notEqual, ok } from 'node:assert/strict';
import { test } from 'node:test';
import {
  openApiDocuments,
  type OpenApiResource,
} from '../../../../controller/api/openapi/index.ts';
import { isJsonObject, type JsonObject } from '../../../../controller/api/patch/json.ts';

function resource(
  apiVersion: string,
  kind: string,
  plural: string,
  more: Partial<OpenApiResource> = {},
): OpenApiResource {
  return { apiVersion, kind, plural, namespaced: true, subresources: [], ...more };
}

const widgetSchema = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      nullable: true,
      properties: { size: { anyOf: [{ type: 'integer' }], default: 1, type: 'integer' } },
    },
    free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    size: { type: 'integer', default: 1 },
  },
};

const resources: readonly OpenApiResource[] = [
  resource('v1', 'Service', 'services', { subresources: ['status'] }),
  resource('v1', 'Pod', 'pods'),
  resource('apps/v1', 'Deployment', 'deployments', { subresources: ['scale'] }),
  resource('apiextensions.k8s.io/v1', 'CustomResourceDefinition', 'customresourcedefinitions', {
    namespaced: false,
  }),
  resource('portolan.dev/v1alpha1', 'VirtualIP', 'virtualips', { namespaced: false }),
  resource('example.com/v1', 'Widget', 'widgets', { schema: widgetSchema }),
];

const documents = openApiDocuments(resources);
const v3Paths = [
  'api/v1',
  'apis/apps/v1',
  'apis/apiextensions.k8s.io/v1',
  'apis/portolan.dev/v1alpha1',
  'apis/example.com/v1',
];

function parse(text: string | undefined): JsonObject {
  const value: unknown = JSON.parse(text ?? 'null');
  ok(isJsonObject(value));
  return value;
}

/** The value at a path of keys. */
function at(value: unknown, ...keys: readonly string[]): unknown {
  let found = value;
  for (const key of keys) found = isJsonObject(found) ? found[key] : undefined;
  return found;
}

function* references(value: unknown): Generator<string> {
  if (Array.isArray(value)) for (const inner of value) yield* references(inner);
  if (!isJsonObject(value)) return;
  for (const [key, inner] of Object.entries(value)) {
    if (key === '$ref' && typeof inner === 'string') yield inner;
    else yield* references(inner);
  }
}

test('every reference leads to a definition', () => {
  const all = [documents.v2().body, ...v3Paths.map((path) => documents.v3(path)?.body)].map(parse);
  for (const document of all) {
    for (const found of references(document)) {
      // A property may be called $ref, too: that of JSONSchemaProps is no reference.
      ok(isJsonObject(at(document, ...found.slice(2).split('/'))), found);
    }
  }
});

test('kinds are found by group, version and kind, as kubectl explain looks', () => {
  const schemas = at(
    parse(documents.v3('apis/portolan.dev/v1alpha1')?.body),
    'components',
    'schemas',
  );
  deepEqual(at(schemas, 'dev.portolan.v1alpha1.VirtualIP', 'x-kubernetes-group-version-kind'), [
    { group: 'portolan.dev', version: 'v1alpha1', kind: 'VirtualIP' },
  ]);
});

test('lists say how they merge', () => {
  const definitions = at(parse(documents.v2().body), 'definitions');
  const ports = at(definitions, 'io.k8s.api.core.v1.ServiceSpec', 'properties', 'ports');
  deepEqual(ports, {
    description: 'The list of ports that are exposed by this service.',
    type: 'array',
    items: { $ref: '#/definitions/io.k8s.api.core.v1.ServicePort' },
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['port', 'protocol'],
    'x-kubernetes-patch-strategy': 'merge',
    'x-kubernetes-patch-merge-key': 'port',
  });
});

test('patches take fieldValidation and dryRun, which kubectl asks for first', () => {
  for (const [document, path] of [
    [documents.v2().body, '/apis/example.com/v1/namespaces/{namespace}/widgets/{name}'],
    [documents.v3('api/v1')?.body, '/api/v1/namespaces/{namespace}/services/{name}/status'],
  ] as const) {
    const patch = at(parse(document), 'paths', path, 'patch');
    const parameters = at(patch, 'parameters');
    ok(Array.isArray(parameters));
    const names = parameters.map((parameter) => at(parameter, 'name'));
    ok(names.includes('fieldValidation') && names.includes('dryRun') && names.includes('force'));
    ok(at(patch, 'x-kubernetes-group-version-kind', 'kind'));
  }
});

test('only kinds that merge by strategy offer it: kubectl takes what is offered', () => {
  const strategic = 'application/strategic-merge-patch+json';
  const offered = (document: string, path: string): readonly string[] => {
    const patch = at(parse(documents.v3(document)?.body), 'paths', path, 'patch');
    return Object.keys(at(patch, 'requestBody', 'content') ?? {});
  };
  const widgets = '/apis/example.com/v1/namespaces/{namespace}/widgets/{name}';
  equal(offered('apis/example.com/v1', widgets).includes(strategic), false);
  const services = '/api/v1/namespaces/{namespace}/services/{name}';
  equal(offered('api/v1', services).includes(strategic), true);
});

test('custom kinds have what every object has; 2.0 gets what it can say', () => {
  const v3 = at(
    parse(documents.v3('apis/example.com/v1')?.body),
    'components',
    'schemas',
    'com.example.v1.Widget',
    'properties',
  );
  deepEqual(at(v3, 'spec'), widgetSchema.properties.spec);
  const v2 = at(parse(documents.v2().body), 'definitions', 'com.example.v1.Widget', 'properties');
  deepEqual(at(v2, 'size'), { type: 'integer' });
  deepEqual(at(v2, 'spec'), {});
  deepEqual(at(v2, 'free'), { 'x-kubernetes-preserve-unknown-fields': true });
  ok(at(v2, 'metadata'));
});

test('the index leads to each document under its hash', () => {
  const paths = at(parse(documents.v3Index().body), 'paths');
  ok(isJsonObject(paths));
  deepEqual(Object.keys(paths), v3Paths);
  const hash = documents.v3('api/v1')?.etag.slice(1, -1);
  equal(at(paths, 'api/v1', 'serverRelativeURL'), `/openapi/v3/api/v1?hash=${hash}`);
  equal(documents.v3('api/v9'), undefined);
  notEqual(openApiDocuments(resources.slice(1)).v3Index().etag, documents.v3Index().etag);
});
