import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import type { ServiceBundle } from '../../../../controller/objects/index.ts';
import { CorefileServer } from '../../corefile-server.ts';
import { bundle, slice } from '../../objects.ts';
import { everywhere } from '../records.ts';

function balanced(key: string, hostname: string): ServiceBundle {
  const one = bundle(key, {
    type: 'LoadBalancer',
    clusterIP: '10.96.0.9',
    ports: [{ name: 'http', port: 80 }],
  });
  const status = { loadBalancer: { ingress: [{ hostname }] } };
  return { ...one, service: { ...one.service, status } };
}

const services = [
  bundle('a/web', { clusterIP: '10.96.0.1', externalIPs: ['192.0.2.1'] }),
  balanced('a/elb', 'lb.aws.example'),
  bundle('a/db', { clusterIP: 'None' }, [
    slice(
      'a/db-1',
      [{ addresses: ['10.0.0.1'], hostname: 'db-0' }, '10.0.0.2'],
      [{ name: 'sql', port: 5432 }],
    ),
  ]),
];

async function start(options: string): Promise<CorefileServer> {
  const server = await CorefileServer.start(
    `. {\n k8s_external ext.org {\n  ${options}\n }\n forward . 192.0.2.53\n}`,
    everywhere,
  );
  return server.load(services);
}

test('k8s_external: a load balancer with a host name alone is a CNAME, which is followed', async () => {
  await using server = await start('ttl 9');
  deepEqual((await server.ask('elb.a.ext.org'))?.answers, [
    'elb.a.ext.org. 9 CNAME lb.aws.example.',
    'lb.aws.example. 60 A 192.0.2.1',
  ]);
  deepEqual((await server.ask('elb.a.ext.org', 'CNAME'))?.answers, [
    'elb.a.ext.org. 9 CNAME lb.aws.example.',
  ]);
  deepEqual((await server.ask('_http._tcp.elb.a.ext.org', 'SRV'))?.answers, [
    '_http._tcp.elb.a.ext.org. 9 SRV 0 100 80 lb.aws.example.',
  ]);
});

test('k8s_external: headless endpoints by name', async () => {
  await using server = await start('headless');
  deepEqual((await server.ask('db-0.db.a.ext.org'))?.answers, ['db-0.db.a.ext.org. 5 A 10.0.0.1']);
  deepEqual((await server.ask('10-0-0-2.db.a.ext.org'))?.answers?.length, 1);
  deepEqual((await server.ask('db-0.db.a.ext.org', 'SRV'))?.answers, [
    'db-0.db.a.ext.org. 5 SRV 0 100 5432 db-0.db.a.ext.org.',
  ]);
  equal((await server.ask('none.db.a.ext.org'))?.rcode, 'NXDOMAIN');
  await using bare = await start('apex dns');
  equal((await bare.ask('db-0.db.a.ext.org'))?.rcode, 'NXDOMAIN');
});

test('k8s_external: PTR of external addresses; others go on', async () => {
  await using server = await start('ttl 9');
  deepEqual((await server.ask('1.2.0.192.in-addr.arpa', 'PTR'))?.answers, [
    '1.2.0.192.in-addr.arpa. 9 PTR web.a.ext.org.',
  ]);
  await server.ask('9.2.0.192.in-addr.arpa', 'PTR');
  deepEqual(server.asked, ['9.2.0.192.in-addr.arpa']);
});
