import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod, ServiceBundle } from '../../../../controller/objects/index.ts';
import { CorefileServer } from '../../corefile-server.ts';
import { bundle, slice } from '../../objects.ts';

const start = (options: string): Promise<CorefileServer> =>
  CorefileServer.start(`. {\n kubernetes cluster.local {\n  ${options}\n }\n}`);

function labelled(one: ServiceBundle, labels: Readonly<Record<string, string>>): ServiceBundle {
  const { metadata } = one.service;
  return { ...one, service: { ...one.service, metadata: { ...metadata, labels } } };
}

const services = [
  labelled(bundle('a/web', { clusterIP: '10.96.0.1' }), { app: 'web', env: 'prod' }),
  labelled(bundle('b/web', { clusterIP: '10.96.0.2' }), { app: 'web' }),
];
const namespaces = {
  upserted: ['a', 'b', 'c'],
  removed: [],
  labels: new Map([
    ['a', { team: 'x' }],
    ['b', {}],
  ]),
};

const cases: readonly (readonly [option: string, name: string, rcode: string])[] = [
  ['labels env=prod', 'web.a.svc.cluster.local', 'NOERROR'],
  ['labels env=prod', 'web.b.svc.cluster.local', 'NXDOMAIN'],
  ['labels app in (web, db), !env', 'web.a.svc.cluster.local', 'NXDOMAIN'],
  ['labels app in (web, db), !env', 'web.b.svc.cluster.local', 'NOERROR'],
  ['namespace_labels team=x', 'web.a.svc.cluster.local', 'NOERROR'],
  ['namespace_labels team=x', 'web.b.svc.cluster.local', 'NXDOMAIN'],
  ['namespace_labels team=x', 'b.svc.cluster.local', 'NXDOMAIN'],
  ['namespace_labels !team', 'c.svc.cluster.local', 'NXDOMAIN'],
  ['namespace_labels !team', 'b.svc.cluster.local', 'NOERROR'],
];
for (const [option, name, rcode] of cases) {
  test(`kubernetes: ${option}: ${name} is ${rcode}`, async () => {
    await using server = await start(option);
    server.load(services, { namespaces });
    equal((await server.ask(name))?.rcode, rcode);
  });
}

test('kubernetes: namespace_labels follows a change of labels', async () => {
  await using server = await start('namespace_labels team');
  server.load(services, { namespaces });
  equal((await server.ask('web.b.svc.cluster.local'))?.rcode, 'NXDOMAIN');
  server.load([], { namespaces: { ...namespaces, labels: new Map([['b', { team: 'y' }]]) } });
  equal((await server.ask('web.b.svc.cluster.local'))?.rcode, 'NOERROR');
});

test('kubernetes: pods verified answers for Pods that are there', async () => {
  const pod: Pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace: 'a', name: 'one' },
    spec: { containers: [] },
    status: { podIP: '10.0.0.1' },
  };
  await using server = await start('pods verified');
  server.load(services, { pods: { upserted: [pod], removed: [] } });
  deepEqual((await server.ask('10-0-0-1.a.pod.cluster.local'))?.answers?.length, 1);
  equal((await server.ask('10-0-0-2.a.pod.cluster.local'))?.rcode, 'NXDOMAIN');
  equal((await server.ask('10-0-0-1.b.pod.cluster.local'))?.rcode, 'NXDOMAIN');
});

const zonal: readonly (readonly [name: string, expected: string | readonly string[]])[] = [
  ['eu-1.pin._zone.db.a.svc.cluster.local', ['10.0.0.1']],
  ['eu.2.pin._zone.db.a.svc.cluster.local', ['10.0.0.2']],
  ['us-1.pin._zone.db.a.svc.cluster.local', 'NOERROR'],
  ['us-1.prefer._zone.db.a.svc.cluster.local', ['10.0.0.1', '10.0.0.2']],
  ['eu-1.prefer._zone.db.a.svc.cluster.local', ['10.0.0.1']],
  ['eu-1.other._zone.db.a.svc.cluster.local', 'NXDOMAIN'],
  ['eu-1.pin._zone.web.a.svc.cluster.local', 'NXDOMAIN'],
  ['_zone.db.a.svc.cluster.local', 'NOERROR'],
];
for (const [name, expected] of zonal) {
  test(`kubernetes: zonal: ${name}`, async () => {
    await using server = await start('zonal');
    server.load([
      ...services,
      bundle('a/db', { clusterIP: 'None' }, [
        slice(
          'a/db-1',
          [
            { addresses: ['10.0.0.1'], zone: 'eu-1' },
            { addresses: ['10.0.0.2'], zone: 'eu.2' },
          ],
          [{ name: 'sql', port: 5432 }],
        ),
      ]),
    ]);
    const answer = await server.ask(name);
    const addresses = answer?.answers?.map((one) => one.split(' ').at(-1) ?? '');
    if (typeof expected === 'string') equal(answer?.rcode, expected);
    else {
      deepEqual(addresses, expected);
      equal((await server.ask(name, 'SRV'))?.answers?.length, expected.length);
    }
  });
}
