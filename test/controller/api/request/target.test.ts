import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { parseTarget } from '../../../../controller/api/request/target.ts';

const cases = [
  // path                                          group  version plural namespace name subresource rest
  ['/api/v1/services', ['', 'v1', 'services', '', '', '', '']],
  ['/api/v1/namespaces', ['', 'v1', 'namespaces', '', '', '', '']],
  ['/api/v1/namespaces/shop', ['', 'v1', 'namespaces', '', 'shop', '', '']],
  ['/api/v1/namespaces/shop/status', ['', 'v1', 'namespaces', '', 'shop', 'status', '']],
  ['/api/v1/namespaces/shop/services', ['', 'v1', 'services', 'shop', '', '', '']],
  [
    '/api/v1/namespaces/shop/services/web/status',
    ['', 'v1', 'services', 'shop', 'web', 'status', ''],
  ],
  [
    '/api/v1/namespaces/shop/services/web:80/proxy/a%2Fb/',
    ['', 'v1', 'services', 'shop', 'web:80', 'proxy', 'a%2Fb/'],
  ],
  ['/apis/apps/v1/deployments', ['apps', 'v1', 'deployments', '', '', '', '']],
  [
    '/apis/apps/v1/namespaces/a/deployments/b/scale',
    ['apps', 'v1', 'deployments', 'a', 'b', 'scale', ''],
  ],
] as const;
for (const [path, wanted] of cases) {
  test(path, () => {
    const target = parseTarget(path);
    const { group, version, plural, namespace, name, subresource, rest } =
      target.kind === 'resource' ? target : ({} as Record<string, string>);
    deepEqual([group, version, plural, namespace, name, subresource, rest], wanted);
  });
}

for (const path of ['/', '/api', '/api/v1', '/apis/apps', '/apis/apps/v1', '/openapi/v3/api/v1']) {
  test(`${path} names no resource`, () => deepEqual(parseTarget(path), { kind: 'path', path }));
}
