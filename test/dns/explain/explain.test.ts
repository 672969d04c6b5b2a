import { deepEqual, equal, match, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { parseQuestion } from '../../../dns/explain/index.ts';
import { CorefileServer } from '../corefile-server.ts';
import { bundle, slice } from '../objects.ts';
import { everywhere } from '../plugins/records.ts';

const corefile = `cluster.local in-addr.arpa {
  errors
  cache
  kubernetes {
    namespaces shop hidden
    pods insecure
  }
}
. {
  errors
  acl {
    block net 192.0.2.0/24
  }
  rewrite name old.org new.org
  cache
  forward . 192.0.2.53
}`;

const services = [
  bundle('shop/web', { clusterIP: '10.96.0.1', ports: [{ name: 'http', port: 80 }] }),
  bundle('shop/none', { clusterIP: 'None' }),
  bundle('shop/db', { clusterIP: 'None' }, [slice('shop/db-1', ['10.0.0.1'])]),
  bundle('other/web', { clusterIP: '10.96.0.2' }),
];

const Z = 'cluster.local';
const cases: readonly (readonly [args: readonly [string, string?, string?], expected: RegExp])[] = [
  [
    [`web.shop.svc.${Z}`],
    /^web\.shop\.svc\.cluster\.local\. A\n\nserver block  dns:\/\/cluster\.local\.:53[^\n]*\nkubernetes    Service shop\/web: cluster IP 10\.96\.0\.1, 0 ready endpoints\npassed by     errors cache\n\nNOERROR from kubernetes\n  web\.shop\.svc\.cluster\.local\. 5 A 10\.96\.0\.1\n$/,
  ],
  [[`web.shop.svc.${Z}`, 'AAAA'], /NODATA from kubernetes/],
  [[`nothing.shop.svc.${Z}`], /there is no Service shop\/nothing[^]*NXDOMAIN from kubernetes/],
  [[`web.other.svc.${Z}`], /there is no namespace other, or this kubernetes line hides it/],
  [[`none.shop.svc.${Z}`], /headless, 0 ready endpoints: without one there is no name/],
  [[`_frob._tcp.web.shop.svc.${Z}`, 'SRV'], /has no such port \(named ones: _http\._tcp\)/],
  [[`x.web.shop.svc.${Z}`], /no ready endpoint of Service shop\/web[^\n]* is called x/],
  [[`x.frob.${Z}`], /"frob" is neither svc nor pod/],
  [
    ['10.96.0.1'],
    /^1\.0\.96\.10\.in-addr\.arpa\. PTR\n[^]*10\.96\.0\.1 is a cluster IP of Service shop\/web/,
  ],
  [['10.0.0.1'], /10\.0\.0\.1 is an endpoint of Service shop\/db/],
  [['10.9.9.9'], /10\.9\.9\.9 is no cluster IP, and no ready endpoint has it/],
  [
    ['old.org'],
    /rewrite       asks for new\.org\. A instead[^]*forward       to 192\.0\.2\.53:53[^]*NOERROR from forward\n  old\.org\. 60 A 192\.0\.2\.1/,
  ],
  [['x.org', 'A', '192.0.2.7'], /acl           answers\n[^]*REFUSED from acl/],
  [['dead.org'], /forward       to 192\.0\.2\.53:53\n[^]*no upstream answers[^]*SERVFAIL/],
];
for (const [args, expected] of cases) {
  test(`explain ${args.join(' ')}`, async () => {
    await using server = await CorefileServer.start(corefile, (request, to) =>
      request.questions[0]?.name[0] === 'dead' ? undefined : everywhere(request, to),
    );
    server.load(services);
    match(await server.explain(...args), expected);
  });
}

test('explain: what the cache keeps, and that nothing was listed yet', async () => {
  await using server = await CorefileServer.start(corefile, everywhere);
  await server.ask('x.org');
  match(await server.explain('x.org'), /cache {9}kept, for 60 more seconds/);
  match(
    await server.explain(`web.shop.svc.${Z}`),
    /no objects are listed yet[^]*SERVFAIL from kubernetes/,
  );
});

test('explain: no block for the name', async () => {
  await using server = await CorefileServer.start('org {\n whoami\n}');
  match(await server.explain('x.net'), /no server block serves it: the reply is REFUSED/);
});

test('questions: names, addresses, types, clients', () => {
  deepEqual(parseQuestion('a.org', undefined), {
    name: ['a', 'org'],
    type: 1,
    client: '127.0.0.1',
  });
  deepEqual(parseQuestion('a.org', 'aaaa', '2001:DB8::1'), {
    name: ['a', 'org'],
    type: 28,
    client: '2001:db8::1',
  });
  equal(parseQuestion('2001:db8::1', undefined).name.length, 34);
  for (const [args, expected] of [
    [['a..b'], /no domain name/],
    [['a.org', 'FROB'], /no record type/],
    [['a.org', 'A', 'frob'], /no address/],
  ] as const) {
    const [name, type, client] = args as readonly [string, string?, string?];
    throws(() => parseQuestion(name, type, client), expected);
  }
});
