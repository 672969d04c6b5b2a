import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { formatAnswer } from '../../format.ts';
import { bundle, slice } from '../../objects.ts';
import { ServerWithoutSockets } from '../../server-without-sockets.ts';

const web = 'web.shop.svc.cluster.local';

async function answers(
  server: ServerWithoutSockets,
  name: string,
  type: Parameters<ServerWithoutSockets['ask']>[1],
): Promise<string> {
  const { rcode, answers = [] } = formatAnswer(await server.ask(name, type));
  return answers.length > 0 ? answers.map((text) => text.split(' ').at(-1)).join(' ') : rcode;
}

test('before the first table nothing is denied, and EDE says why', async () => {
  const server = new ServerWithoutSockets();
  const message = await server.ask(web, 'A', { edns: {} });
  equal(formatAnswer(message).rcode, 'SERVFAIL');
  equal(formatAnswer(message).authorities?.length, 1);
  // Info code 14, Not Ready.
  equal(message.edns?.options[0]?.octets.readUInt16BE(), 14);
  equal(await answers(server, 'cluster.local', 'A'), 'NOERROR');
  server.load([]);
  equal(await answers(server, web, 'A'), 'NXDOMAIN');
});

test('a change is in the next answer', async () => {
  const server = new ServerWithoutSockets().load([bundle('shop/web', { clusterIP: '10.96.0.1' })]);
  equal(await answers(server, web, 'A'), '10.96.0.1');
  equal(await answers(server, '1.0.96.10.in-addr.arpa', 'PTR'), `${web}.`);
  server.load([bundle('shop/web', { clusterIP: '10.96.0.2' })]);
  equal(await answers(server, web, 'A'), '10.96.0.2');
  equal(await answers(server, '1.0.96.10.in-addr.arpa', 'PTR'), 'REFUSED');
  equal(await answers(server, '2.0.96.10.in-addr.arpa', 'PTR'), `${web}.`);
  server.load([], { removed: ['shop/web'] });
  equal(await answers(server, web, 'A'), 'NXDOMAIN');
  equal(await answers(server, '2.0.96.10.in-addr.arpa', 'PTR'), 'REFUSED');
  equal(await answers(server, 'shop.svc.cluster.local', 'A'), 'NXDOMAIN');
});

test('one endpoint behind two Services has a name for each', async () => {
  const server = new ServerWithoutSockets().load([
    bundle('a/one', { clusterIP: 'None' }, [slice('a/one-1', ['10.0.0.1'])]),
    bundle('a/two', { clusterIP: '10.96.0.1' }, [slice('a/two-1', ['10.0.0.1'])]),
  ]);
  const name = '1.0.0.10.in-addr.arpa';
  deepEqual((await answers(server, name, 'PTR')).split(' ').toSorted(), [
    '10-0-0-1.one.a.svc.cluster.local.',
    '10-0-0-1.two.a.svc.cluster.local.',
  ]);
  server.load([], { removed: ['a/one'] });
  equal(await answers(server, name, 'PTR'), '10-0-0-1.two.a.svc.cluster.local.');
});

test('pods verified: only addresses that a Pod of the namespace has', async () => {
  const server = new ServerWithoutSockets(undefined, { podsMode: 'verified' }).load(
    [bundle('a/x', { clusterIP: 'None' })],
    {
      pods: {
        upserted: [
          {
            apiVersion: 'v1',
            kind: 'Pod',
            metadata: { namespace: 'a', name: 'p' },
            status: { podIP: '10.0.0.1' },
          },
        ],
        removed: [],
      },
    },
  );
  equal(await answers(server, '10-0-0-1.a.pod.cluster.local', 'A'), '10.0.0.1');
  equal(await answers(server, '10-0-0-2.a.pod.cluster.local', 'A'), 'NXDOMAIN');
});

test('pods disabled: none', async () => {
  const server = new ServerWithoutSockets(undefined, { podsMode: 'disabled' });
  server.load([bundle('a/x', { clusterIP: 'None' })]);
  equal(await answers(server, '10-0-0-1.a.pod.cluster.local', 'A'), 'NXDOMAIN');
});

test('NS names the Services that lead to this server', async () => {
  const server = new ServerWithoutSockets().load([
    bundle('kube-system/kube-dns', { clusterIP: '10.96.0.10' }, [
      slice('kube-system/kube-dns-1', ['10.0.0.53']),
    ]),
    bundle('kube-system/dns-headless', { clusterIP: 'None' }, [
      slice('kube-system/dns-headless-1', ['10.0.0.53', '10.0.0.54']),
    ]),
  ]);
  server.listening = [
    { name: 'dns', host: '127.0.0.1', port: 53 },
    { name: 'dns', host: '10.0.0.53', port: 53 },
  ];
  const { answers: servers, additionals } = formatAnswer(await server.ask('cluster.local', 'NS'));
  deepEqual(servers?.toSorted(), [
    'cluster.local. 5 NS 10-0-0-53.dns-headless.kube-system.svc.cluster.local.',
    'cluster.local. 5 NS kube-dns.kube-system.svc.cluster.local.',
  ]);
  deepEqual(additionals?.toSorted(), [
    '10-0-0-53.dns-headless.kube-system.svc.cluster.local. 5 A 10.0.0.53',
    'kube-dns.kube-system.svc.cluster.local. 5 A 10.96.0.10',
  ]);
  const own = await answers(server, 'ns.dns.cluster.local', 'A');
  deepEqual(own.split(' ').toSorted(), ['10.0.0.53', '10.96.0.10']);
});

test('ttl sets records and denials, the latter no longer than 300 s', async () => {
  const server = new ServerWithoutSockets(undefined, { ttlSec: 3600 });
  server.load([bundle('shop/web', { clusterIP: '10.96.0.1' })]);
  deepEqual(formatAnswer(await server.ask(web, 'A')).answers, [`${web}. 3600 A 10.96.0.1`]);
  deepEqual(formatAnswer(await server.ask(web, 'TXT')).authorities, [
    'cluster.local. 300 SOA ns.dns.cluster.local. hostmaster.cluster.local. 1767225600 7200 1800 86400 3600',
  ]);
});

test('more CNAMEs than anyone needs are given up', async () => {
  const chain = Array.from({ length: 12 }, (_, i) =>
    bundle(`a/s${i}`, { type: 'ExternalName', externalName: `s${i + 1}.a.svc.cluster.local` }),
  );
  const end = bundle('a/s12', { clusterIP: '10.96.0.1' });
  const server = new ServerWithoutSockets().load([...chain, end]);
  equal(await answers(server, 's0.a.svc.cluster.local', 'A'), 'NOERROR');
  equal((await server.ask('s2.a.svc.cluster.local', 'A')).answers.length, 11);
});
