import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Message, encodeMessage } from '../../../dns/wire/index.ts';
import { parseRecord } from '../../../dns/zonefile/index.ts';
import { encodeQuery } from '../server-without-sockets.ts';

/** Messages worth keeping: what once broke something, in hex, one a file. */
const folder = join(import.meta.dirname, 'corpus');

const option = (code: number, hex: string) => ({ code, octets: Buffer.from(hex, 'hex') });

const queries: readonly Buffer[] = [
  encodeQuery('web.shop.svc.cluster.local', 'A'),
  encodeQuery('_http._tcp.web.shop.svc.cluster.local', 'SRV'),
  encodeQuery('1-2-3-4.shop.pod.cluster.local', 'A'),
  encodeQuery('1.0.96.10.in-addr.arpa', 'PTR'),
  encodeQuery('out.shop.svc.cluster.local', 'A'),
  encodeQuery('www.example.org', 'A', { edns: { dnssecOk: true } }),
  encodeQuery('www.example.org', 'ANY', { edns: { udpPayloadSize: 65_535 } }),
  encodeQuery('cluster.local', 'AXFR'),
  encodeQuery('cluster.local', 'IXFR', {
    authorities: [parseRecord('cluster.local. 5 IN SOA ns. host. 1 1 1 1 1')],
  }),
  encodeQuery('version.bind', 'TXT', { class: 3 }),
  encodeQuery('.', 'NS', { edns: { version: 1 } }),
  encodeQuery('x.org', 'A', {
    edns: {
      options: [
        option(10, '0102030405060708'),
        option(12, '0000000000000000'),
        option(8, '000118000a0102'),
        option(3, ''),
      ],
    },
  }),
];

/** Replies of upstreams to the query of the fuzzing, before they are changed. */
export function replies(request: Message): readonly Buffer[] {
  const name = request.questions[0]?.name.join('.') ?? '';
  const safe = /^[\w.-]{0,200}$/.test(name) ? name : 'x.org';
  return [
    `${safe}. 60 IN A 192.0.2.1`,
    `${safe}. 60 IN CNAME elsewhere.example.`,
    `${safe}. 60 IN TXT "text" "more"`,
    `${safe}. 60 IN SRV 0 0 80 x.example.`,
    `${safe}. 60 IN MX 10 mail.example.`,
  ].map((text) =>
    encodeMessage({ ...request, response: true, answers: [parseRecord(text)], edns: undefined }),
  );
}

/** Where mutation starts from. */
export function corpus(): readonly Buffer[] {
  const kept = globSync('*.hex', { cwd: folder })
    .toSorted()
    .map((file) => Buffer.from(readFileSync(join(folder, file), 'utf8').trim(), 'hex'));
  return [...queries, ...kept];
}
