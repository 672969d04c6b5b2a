import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { rcode } from '../../../../dns/wire/index.ts';
import { type Answer, formatAnswer } from '../../format.ts';
import { bundle, slice } from '../../objects.ts';
import { ServerWithoutSockets } from '../../server-without-sockets.ts';
import { replyWith } from '../../../../dns/plugins/reply.ts';

const http = { name: 'http', port: 80 };
const httpSlice = { name: 'http', port: 8080, protocol: 'TCP' } as const;

/** One Service of every sort that answers differently. */
const services = [
  bundle('shop/web', { clusterIPs: ['10.96.0.10'], ports: [http] }, [
    slice('shop/web-1', ['10.0.0.1', '10.0.0.2'], [httpSlice]),
  ]),
  bundle('shop/dual', {
    clusterIPs: ['10.96.0.11', 'fd00:96::11'],
    ports: [{ name: 'HTTP', port: 80 }],
  }),
  bundle('shop/six', { clusterIPs: ['fd00:96::12'], ports: [http] }),
  bundle('shop/three', {
    clusterIPs: ['10.96.0.13'],
    ports: [{ name: 'a', port: 1 }, { name: 'b', port: 2, protocol: 'UDP' }, { port: 3 }],
  }),
  bundle('shop/portless', { clusterIP: '10.96.0.14' }),
  bundle('shop/db', { clusterIP: 'None', ports: [http] }, [
    slice(
      'shop/db-1',
      [
        { addresses: ['10.0.1.1'], hostname: 'db-0' },
        { addresses: ['10.0.1.2'], hostname: 'db-1', conditions: { ready: true } },
        { addresses: ['10.0.1.3'], conditions: { ready: false } },
        { addresses: ['10.0.1.4'] },
      ],
      [httpSlice],
    ),
    // The same endpoint once more, as while slices are rewritten.
    slice('shop/db-2', [{ addresses: ['10.0.1.1'], hostname: 'db-0' }], [httpSlice]),
    slice('shop/db-6', [{ addresses: ['fd00:1::'] }], [httpSlice]),
  ]),
  bundle('shop/twins', { clusterIP: 'None' }, [
    slice(
      'shop/twins-1',
      [
        { addresses: ['10.0.2.1'], hostname: 'both' },
        { addresses: ['10.0.2.2'], hostname: 'both' },
      ],
      [httpSlice],
    ),
  ]),
  bundle('shop/none-ready', { clusterIP: 'None' }, [
    slice('shop/none-1', [{ addresses: ['10.0.3.1'], conditions: { ready: false } }]),
  ]),
  bundle('shop/out', { type: 'ExternalName', externalName: 'example.com.' }),
  bundle('shop/gone', { type: 'ExternalName', externalName: 'gone.example.com' }),
  bundle('shop/broken', { type: 'ExternalName', externalName: 'broken.example.com' }),
  bundle('shop/alias', { type: 'ExternalName', externalName: 'web.shop.svc.cluster.local' }),
  bundle('shop/alias2', { type: 'ExternalName', externalName: 'alias.shop.svc.cluster.local' }),
  bundle('shop/dangling', { type: 'ExternalName', externalName: 'no.shop.svc.cluster.local' }),
  bundle('shop/loop', { type: 'ExternalName', externalName: 'pool.shop.svc.cluster.local' }),
  bundle('shop/pool', { type: 'ExternalName', externalName: 'loop.shop.svc.cluster.local' }),
  bundle('shop/literal', { type: 'ExternalName', externalName: '192.0.2.1' }),
];

const soa = (zone: string): string =>
  `${zone} 5 SOA ns.dns.${zone} hostmaster.${zone} 1767225600 7200 1800 86400 5`;
const nodata: Answer = {
  rcode: 'NOERROR',
  flags: 'aa rd',
  authorities: [soa('cluster.local.')],
};
const nxdomain: Answer = { ...nodata, rcode: 'NXDOMAIN' };
const found = (answers: readonly string[], additionals?: readonly string[]): Answer => ({
  rcode: 'NOERROR',
  flags: 'aa rd',
  answers,
  ...(additionals ? { additionals } : {}),
});
const refused: Answer = { rcode: 'REFUSED', flags: 'rd' };

type Case = readonly [name: string, type: Parameters<ServerWithoutSockets['ask']>[1], Answer];

const Z = 'cluster.local';
const cases: readonly Case[] = [
  // Services with a cluster IP.
  [`web.shop.svc.${Z}`, 'A', found([`web.shop.svc.${Z}. 5 A 10.96.0.10`])],
  [`web.shop.svc.${Z}`, 'AAAA', nodata],
  [`web.shop.svc.${Z}`, 'TXT', nodata],
  [`web.shop.svc.${Z}`, 'PTR', nodata],
  [`web.shop.svc.${Z}`, 'SOA', nodata],
  [`web.shop.svc.${Z}`, 'ANY', nodata],
  [`web.shop.svc.${Z}`, 'AXFR', refused],
  [`dual.shop.svc.${Z}`, 'A', found([`dual.shop.svc.${Z}. 5 A 10.96.0.11`])],
  [`dual.shop.svc.${Z}`, 'AAAA', found([`dual.shop.svc.${Z}. 5 AAAA fd00:96::11`])],
  [`six.shop.svc.${Z}`, 'A', nodata],
  [`portless.shop.svc.${Z}`, 'A', found([`portless.shop.svc.${Z}. 5 A 10.96.0.14`])],
  [`portless.shop.svc.${Z}`, 'SRV', nodata],
  [
    `web.shop.svc.${Z}`,
    'SRV',
    found(
      [`web.shop.svc.${Z}. 5 SRV 0 100 80 web.shop.svc.${Z}.`],
      [`web.shop.svc.${Z}. 5 A 10.96.0.10`],
    ),
  ],
  [
    `dual.shop.svc.${Z}`,
    'SRV',
    found(
      [`dual.shop.svc.${Z}. 5 SRV 0 50 80 dual.shop.svc.${Z}.`],
      [`dual.shop.svc.${Z}. 5 A 10.96.0.11`, `dual.shop.svc.${Z}. 5 AAAA fd00:96::11`],
    ),
  ],
  [
    `three.shop.svc.${Z}`,
    'SRV',
    found(
      [1, 2, 3].map((port) => `three.shop.svc.${Z}. 5 SRV 0 33 ${port} three.shop.svc.${Z}.`),
      [`three.shop.svc.${Z}. 5 A 10.96.0.13`],
    ),
  ],
  [
    `_b._udp.three.shop.svc.${Z}`,
    'SRV',
    found(
      [`_b._udp.three.shop.svc.${Z}. 5 SRV 0 100 2 three.shop.svc.${Z}.`],
      [`three.shop.svc.${Z}. 5 A 10.96.0.13`],
    ),
  ],
  [`_b._udp.three.shop.svc.${Z}`, 'A', found([`_b._udp.three.shop.svc.${Z}. 5 A 10.96.0.13`])],
  [`b.udp.three.shop.svc.${Z}`, 'A', found([`b.udp.three.shop.svc.${Z}. 5 A 10.96.0.13`])],
  [
    `_HtTp._TCP.dual.shop.svc.${Z}`,
    'AAAA',
    found([`_HtTp._TCP.dual.shop.svc.${Z}. 5 AAAA fd00:96::11`]),
  ],
  [`_b._tcp.three.shop.svc.${Z}`, 'SRV', nxdomain],
  [`_._tcp.three.shop.svc.${Z}`, 'SRV', nxdomain],
  [`_http._tcp.portless.shop.svc.${Z}`, 'SRV', nxdomain],
  [`_tcp.three.shop.svc.${Z}`, 'A', nodata],
  [`_sctp.three.shop.svc.${Z}`, 'A', nxdomain],
  [`x._b._udp.three.shop.svc.${Z}`, 'A', nxdomain],
  [`*.shop.svc.${Z}`, 'A', nxdomain],
  [`any.shop.svc.${Z}`, 'A', nxdomain],
  // Endpoint names below a cluster IP.
  [`10-0-0-1.web.shop.svc.${Z}`, 'A', found([`10-0-0-1.web.shop.svc.${Z}. 5 A 10.0.0.1`])],
  [
    `10-0-0-1.web.shop.svc.${Z}`,
    'SRV',
    found(
      [`10-0-0-1.web.shop.svc.${Z}. 5 SRV 0 100 8080 10-0-0-1.web.shop.svc.${Z}.`],
      [`10-0-0-1.web.shop.svc.${Z}. 5 A 10.0.0.1`],
    ),
  ],
  [`10-0-0-9.web.shop.svc.${Z}`, 'A', nxdomain],
  // Headless Services.
  [
    `db.shop.svc.${Z}`,
    'A',
    found(['10.0.1.1', '10.0.1.2', '10.0.1.4'].map((ip) => `db.shop.svc.${Z}. 5 A ${ip}`)),
  ],
  [`db.shop.svc.${Z}`, 'AAAA', found([`db.shop.svc.${Z}. 5 AAAA fd00:1::`])],
  [`db-0.db.shop.svc.${Z}`, 'A', found([`db-0.db.shop.svc.${Z}. 5 A 10.0.1.1`])],
  [`10-0-1-1.db.shop.svc.${Z}`, 'A', nxdomain],
  [`10-0-1-3.db.shop.svc.${Z}`, 'A', nxdomain],
  [`10-0-1-4.db.shop.svc.${Z}`, 'A', found([`10-0-1-4.db.shop.svc.${Z}. 5 A 10.0.1.4`])],
  [`fd00-1--0.db.shop.svc.${Z}`, 'AAAA', found([`fd00-1--0.db.shop.svc.${Z}. 5 AAAA fd00:1::`])],
  [
    `_http._tcp.db.shop.svc.${Z}`,
    'SRV',
    found(
      ['db-0', 'db-1', '10-0-1-4', 'fd00-1--0'].map(
        (ep) => `_http._tcp.db.shop.svc.${Z}. 5 SRV 0 25 8080 ${ep}.db.shop.svc.${Z}.`,
      ),
      [
        `db-0.db.shop.svc.${Z}. 5 A 10.0.1.1`,
        `db-1.db.shop.svc.${Z}. 5 A 10.0.1.2`,
        `10-0-1-4.db.shop.svc.${Z}. 5 A 10.0.1.4`,
        `fd00-1--0.db.shop.svc.${Z}. 5 AAAA fd00:1::`,
      ],
    ),
  ],
  [`_http._tcp.db.shop.svc.${Z}`, 'AAAA', found([`_http._tcp.db.shop.svc.${Z}. 5 AAAA fd00:1::`])],
  [
    `twins.shop.svc.${Z}`,
    'SRV',
    found(
      [`twins.shop.svc.${Z}. 5 SRV 0 50 8080 both.twins.shop.svc.${Z}.`],
      [`both.twins.shop.svc.${Z}. 5 A 10.0.2.1`, `both.twins.shop.svc.${Z}. 5 A 10.0.2.2`],
    ),
  ],
  [
    `both.twins.shop.svc.${Z}`,
    'A',
    found(['10.0.2.1', '10.0.2.2'].map((ip) => `both.twins.shop.svc.${Z}. 5 A ${ip}`)),
  ],
  [`none-ready.shop.svc.${Z}`, 'A', nxdomain],
  // ExternalName.
  [
    `out.shop.svc.${Z}`,
    'A',
    found([`out.shop.svc.${Z}. 5 CNAME example.com.`, 'example.com. 60 A 192.0.2.80']),
  ],
  [`out.shop.svc.${Z}`, 'CNAME', found([`out.shop.svc.${Z}. 5 CNAME example.com.`])],
  [
    `out.shop.svc.${Z}`,
    'TXT',
    found([`out.shop.svc.${Z}. 5 CNAME example.com.`, 'example.com. 60 TXT "hello"']),
  ],
  [`out.shop.svc.${Z}`, 'SRV', nodata],
  [`x.out.shop.svc.${Z}`, 'A', nxdomain],
  [
    `gone.shop.svc.${Z}`,
    'A',
    {
      ...nxdomain,
      answers: [`gone.shop.svc.${Z}. 5 CNAME gone.example.com.`],
      authorities: ['example.com. 60 NS ns.example.com.'],
    },
  ],
  [
    `broken.shop.svc.${Z}`,
    'A',
    {
      rcode: 'SERVFAIL',
      flags: 'aa rd',
      answers: [`broken.shop.svc.${Z}. 5 CNAME broken.example.com.`],
    },
  ],
  [
    `alias2.shop.svc.${Z}`,
    'A',
    found([
      `alias2.shop.svc.${Z}. 5 CNAME alias.shop.svc.${Z}.`,
      `alias.shop.svc.${Z}. 5 CNAME web.shop.svc.${Z}.`,
      `web.shop.svc.${Z}. 5 A 10.96.0.10`,
    ]),
  ],
  [
    `alias.shop.svc.${Z}`,
    'AAAA',
    { ...nodata, answers: [`alias.shop.svc.${Z}. 5 CNAME web.shop.svc.${Z}.`] },
  ],
  [`dangling.shop.svc.${Z}`, 'A', nodata],
  [`loop.shop.svc.${Z}`, 'A', nodata],
  [`literal.shop.svc.${Z}`, 'A', nxdomain],
  // Pods, `insecure`.
  [`1-2-3-4.shop.pod.${Z}`, 'A', found([`1-2-3-4.shop.pod.${Z}. 5 A 1.2.3.4`])],
  [`1-2-3-4.shop.pod.${Z}`, 'AAAA', nodata],
  [`fd00--7.shop.pod.${Z}`, 'AAAA', found([`fd00--7.shop.pod.${Z}. 5 AAAA fd00::7`])],
  [`1-2-3-4.elsewhere.pod.${Z}`, 'A', nxdomain],
  [`1-2-3-400.shop.pod.${Z}`, 'A', nxdomain],
  [`web.shop.pod.${Z}`, 'A', nxdomain],
  [`x.1-2-3-4.shop.pod.${Z}`, 'A', nxdomain],
  // The apex and what lies between names.
  [Z, 'SOA', found([soa('cluster.local.')])],
  [Z, 'A', nodata],
  [Z, 'TXT', nodata],
  [Z, 'NS', found([`${Z}. 5 NS ns.dns.${Z}.`], [`ns.dns.${Z}. 5 A 127.0.0.1`])],
  [`ns.dns.${Z}`, 'A', found([`ns.dns.${Z}. 5 A 127.0.0.1`])],
  [`ns.dns.${Z}`, 'AAAA', nodata],
  [`dns.${Z}`, 'A', nodata],
  [`svc.${Z}`, 'A', nodata],
  [`svc.${Z}`, 'TXT', nodata],
  [`pod.${Z}`, 'NS', nodata],
  [`shop.svc.${Z}`, 'MX', nodata],
  [`shop.pod.${Z}`, 'A', nodata],
  [`elsewhere.svc.${Z}`, 'A', nxdomain],
  [`nothing.${Z}`, 'A', nxdomain],
  [`nothing.${Z}`, 'SOA', nxdomain],
  [`dns-version.${Z}`, 'TXT', found([`dns-version.${Z}. 28800 TXT "1.1.0"`])],
  [`dns-version.${Z}`, 'A', nodata],
  // Case.
  ['WEB.Shop.svc.Cluster.LOCAL', 'A', found(['WEB.Shop.svc.Cluster.LOCAL. 5 A 10.96.0.10'])],
  [
    'Cluster.Local',
    'NS',
    found(['Cluster.Local. 5 NS ns.dns.Cluster.Local.'], ['ns.dns.Cluster.Local. 5 A 127.0.0.1']),
  ],
  [
    'web.shop.SVC.Cluster.Local',
    'SRV',
    found(
      ['web.shop.SVC.Cluster.Local. 5 SRV 0 100 80 web.shop.svc.Cluster.Local.'],
      // Compression leads to the spelling of the question.
      ['web.shop.SVC.Cluster.Local. 5 A 10.96.0.10'],
    ),
  ],
  // Addresses.
  ['10.0.96.10.in-addr.arpa', 'PTR', found([`10.0.96.10.in-addr.arpa. 5 PTR web.shop.svc.${Z}.`])],
  ['1.1.0.10.in-addr.arpa', 'PTR', found([`1.1.0.10.in-addr.arpa. 5 PTR db-0.db.shop.svc.${Z}.`])],
  ['1.1.0.10.in-addr.arpa', 'A', { ...nodata, authorities: [soa('in-addr.arpa.')] }],
  ['in-addr.arpa', 'PTR', { ...nodata, authorities: [soa('in-addr.arpa.')] }],
  ['9.9.9.9.in-addr.arpa', 'PTR', refused],
  ['3.1.0.10.in-addr.arpa', 'PTR', refused],
  [
    '1.1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.6.9.0.0.0.0.D.F.ip6.arpa',
    'PTR',
    found([
      `1.1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.6.9.0.0.0.0.D.F.ip6.arpa. 5 PTR dual.shop.svc.${Z}.`,
    ]),
  ],
  ['ip6.arpa', 'SOA', found([soa('ip6.arpa.')])],
  // Elsewhere.
  ['www.example.net', 'A', refused],
];

const example = { name: ['example', 'com'], class: 1, ttlSec: 60 };
const server = new ServerWithoutSockets((query) => {
  const authorities = [
    {
      ...example,
      type: 2,
      data: { kind: 'Target', target: ['ns', 'example', 'com'] } as const,
    },
  ];
  switch (query.lower.join('.')) {
    case 'example.com':
      return query.type === 16
        ? replyWith('outside', {
            answers: [{ ...example, type: 16, data: { kind: 'Strings', strings: ['hello'] } }],
          })
        : replyWith('outside', {
            answers: [
              {
                ...example,
                type: 1,
                data: { kind: 'Address', octets: Buffer.from([192, 0, 2, 80]) },
              },
            ],
          });
    case 'gone.example.com':
      return Promise.resolve(replyWith('outside', { rcode: rcode.NXDOMAIN, authorities }));
    case 'broken.example.com':
      return replyWith('outside', { rcode: rcode.SERVFAIL });
    default:
      return replyWith('outside', { rcode: rcode.REFUSED });
  }
}).load(services);

for (const [name, type, expected] of cases) {
  test(`${name} ${type}: ${expected.rcode}`, async () => {
    const message = await server.ask(name, type, { transport: 'tcp' });
    deepEqual(formatAnswer(message), expected);
  });
}
