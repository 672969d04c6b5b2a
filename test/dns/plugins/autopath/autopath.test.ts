import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod } from '../../../../controller/objects/index.ts';
import { CorefileServer } from '../../corefile-server.ts';
import { bundle } from '../../objects.ts';
import { everywhere } from '../records.ts';

function pod(namespace: string, name: string, podIP: string): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace, name },
    spec: { containers: [] },
    status: { podIP },
  };
}

test('autopath: @kubernetes walks the search path of the namespace that the client is in', async () => {
  await using server = await CorefileServer.start(
    '. {\n autopath @kubernetes\n kubernetes cluster.local {\n  pods verified\n }\n forward . 192.0.2.53\n}',
    everywhere,
  );
  server.load(
    [bundle('a/web', { clusterIP: '10.96.0.1' }), bundle('b/db', { clusterIP: '10.96.0.2' })],
    {
      pods: {
        upserted: [
          pod('a', 'one', '10.0.0.1'),
          pod('a', 'host', '192.0.2.9'),
          pod('b', 'host', '192.0.2.9'),
        ],
        removed: [],
      },
    },
  );
  const answers = async (name: string, from: string): Promise<unknown> =>
    (await server.ask(name, 'A', { from }))?.answers;
  deepEqual(await answers('www.example.org.a.svc.cluster.local', '10.0.0.1'), [
    'www.example.org.a.svc.cluster.local. 60 CNAME www.example.org.',
    'www.example.org. 60 A 192.0.2.1',
  ]);
  deepEqual(await answers('db.b.a.svc.cluster.local', '10.0.0.1'), [
    'db.b.a.svc.cluster.local. 5 CNAME db.b.svc.cluster.local.',
    'db.b.svc.cluster.local. 5 A 10.96.0.2',
  ]);
  // Another namespace's path, an unknown client, an address that two namespaces share: no walk.
  for (const [name, from] of [
    ['www.example.org.b.svc.cluster.local', '10.0.0.1'],
    ['www.example.org.a.svc.cluster.local', '10.0.0.7'],
    ['www.example.org.a.svc.cluster.local', '192.0.2.9'],
  ] as const) {
    deepEqual((await server.ask(name, 'A', { from }))?.rcode, 'NXDOMAIN');
  }
});
