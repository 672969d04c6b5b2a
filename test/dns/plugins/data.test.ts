import { deepEqual, equal, ok } from 'node:assert/strict';
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { bundle, slice } from '../objects.ts';
import { CorefileServer } from '../corefile-server.ts';
import { answering, everywhere } from './records.ts';

const folder = mkdtempSync(join(tmpdir(), 'portolan-dns-'));
after(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** Lets the file look changed, and the watch see it. */
async function touched(
  server: CorefileServer,
  path: string,
  text: string,
  byMs: number,
  isRead: () => Promise<boolean> | boolean,
): Promise<void> {
  writeFileSync(path, text);
  utimesSync(path, new Date(0), new Date(0));
  server.clock.advance(byMs);
  // Reading takes as long as the file system needs; only a failing test waits this long.
  const deadlineMs = performance.now() + 20_000;
  while (!(await isRead()) && performance.now() < deadlineMs) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test('hosts: inline lines, wildcards, PTR, ttl, other types, fallthrough', async () => {
  await using server = await CorefileServer.start(
    '. {\n hosts {\n  192.0.2.1 a.org A2.org\n  2001:db8::1 a.org\n  192.0.2.9 *.w.org\n  ttl 60\n  fallthrough org\n }\n forward . 192.0.2.53\n}',
    everywhere,
  );
  deepEqual((await server.ask('a.org'))?.answers, ['a.org. 60 A 192.0.2.1']);
  deepEqual((await server.ask('a.org', 'AAAA'))?.answers, ['a.org. 60 AAAA 2001:db8::1']);
  deepEqual((await server.ask('x.w.org'))?.answers, ['x.w.org. 60 A 192.0.2.9']);
  deepEqual((await server.ask('1.2.0.192.in-addr.arpa', 'PTR'))?.answers?.length, 2);
  deepEqual(await server.ask('a.org', 'MX'), { rcode: 'NOERROR', flags: 'aa rd' });
  deepEqual((await server.ask('b.org'))?.answers, ['b.org. 60 A 192.0.2.1']);
  equal((await server.ask('b.com'))?.rcode, 'SERVFAIL');
});

test('hosts: no_reverse, fallthrough_unsupported', async () => {
  await using server = await CorefileServer.start(
    '. {\n hosts {\n  192.0.2.1 a.org\n  no_reverse\n  fallthrough_unsupported\n }\n whoami\n}',
  );
  equal((await server.ask('1.2.0.192.in-addr.arpa', 'PTR'))?.additionals?.length, 2);
  equal((await server.ask('a.org', 'MX'))?.additionals?.length, 2);
});

test('hosts: reload: the file is read again when it changes', async () => {
  const path = write('hosts', '192.0.2.1 a.org # comment\nnonsense\n');
  await using server = await CorefileServer.start(`. {\n hosts ${path} {\n  reload 1s\n }\n}`);
  deepEqual((await server.ask('a.org'))?.answers, ['a.org. 3600 A 192.0.2.1']);
  const second = async (): Promise<boolean> =>
    (await server.ask('a.org'))?.answers?.[0]?.endsWith('192.0.2.2') === true;
  await touched(server, path, '192.0.2.2 a.org\n', 1000, second);
  deepEqual((await server.ask('a.org'))?.answers, ['a.org. 3600 A 192.0.2.2']);
});

const zone = `$TTL 1h
@       IN SOA ns host ( 7 7200 1800
                         86400 300 ) ; split over lines
        IN NS  ns
ns      A   192.0.2.53
www 60  A   192.0.2.1
        TXT "a b" c\\059d
alias   CNAME www
out     CNAME elsewhere.net.
gone    CNAME nothing
loop1   CNAME loop2
loop2   CNAME loop1
*.wild  A   192.0.2.7
a.b.ent A   192.0.2.8
mail    MX  10 www
_s._tcp SRV 0 0 80 www
odd     TYPE65534 \\# 3 abcdef
sub     NS  ns.sub
        DS  1 8 2 0102
ns.sub  A   192.0.2.54
old     DNAME new
a.new   A   192.0.2.10
`;
const soa = 'z.org. 300 SOA ns.z.org. host.z.org. 7 7200 1800 86400 300';
const ns = 'z.org. 3600 NS ns.z.org.';
const found = (answers: readonly string[], additionals?: readonly string[]) => ({
  rcode: 'NOERROR',
  flags: 'aa rd',
  answers,
  authorities: [ns],
  ...(additionals && { additionals }),
});
const zoneCases: readonly (readonly [
  name: string,
  type: 'A' | 'AAAA' | 'TXT' | 'MX' | 'SRV' | 'DS' | 'NS',
  expected: object,
])[] = [
  ['WWW.z.org', 'A', found(['WWW.z.org. 60 A 192.0.2.1'])],
  ['www.z.org', 'AAAA', { rcode: 'NOERROR', flags: 'aa rd', authorities: [soa] }],
  ['www.z.org', 'TXT', found(['www.z.org. 3600 TXT "a b" "c;d"'])],
  ['nothing.z.org', 'A', { rcode: 'NXDOMAIN', flags: 'aa rd', authorities: [soa] }],
  ['b.ent.z.org', 'A', { rcode: 'NOERROR', flags: 'aa rd', authorities: [soa] }],
  ['alias.z.org', 'A', found(['alias.z.org. 3600 CNAME www.z.org.', 'www.z.org. 60 A 192.0.2.1'])],
  [
    'gone.z.org',
    'A',
    {
      rcode: 'NXDOMAIN',
      flags: 'aa rd',
      answers: ['gone.z.org. 3600 CNAME nothing.z.org.'],
      authorities: [soa],
    },
  ],
  ['x.wild.z.org', 'A', found(['x.wild.z.org. 3600 A 192.0.2.7'])],
  ['x.wild.z.org', 'MX', { rcode: 'NOERROR', flags: 'aa rd', authorities: [soa] }],
  ['mail.z.org', 'MX', found(['mail.z.org. 3600 MX 10 www.z.org.'], ['www.z.org. 60 A 192.0.2.1'])],
  [
    '_s._tcp.z.org',
    'SRV',
    found(['_s._tcp.z.org. 3600 SRV 0 0 80 www.z.org.'], ['www.z.org. 60 A 192.0.2.1']),
  ],
  [
    'x.sub.z.org',
    'A',
    {
      rcode: 'NOERROR',
      flags: 'rd',
      authorities: ['sub.z.org. 3600 NS ns.sub.z.org.'],
      additionals: ['ns.sub.z.org. 3600 A 192.0.2.54'],
    },
  ],
  ['sub.z.org', 'DS', found(['sub.z.org. 3600 DS \\# 6 000108020102'])],
  [
    'a.old.z.org',
    'A',
    found([
      'old.z.org. 3600 DNAME new.z.org.',
      'a.old.z.org. 3600 CNAME a.new.z.org.',
      'a.new.z.org. 3600 A 192.0.2.10',
    ]),
  ],
];
for (const [name, type, expected] of zoneCases) {
  test(`file: ${name} ${type}`, async () => {
    await using server = await CorefileServer.start(`z.org {\n file ${write('z.org', zone)}\n}`);
    deepEqual(await server.ask(name, type), expected);
  });
}

test('file: a CNAME out of the zone is asked for through the whole server; loops are SERVFAIL', async () => {
  const path = write('z.org', zone);
  await using server = await CorefileServer.start(
    `z.org {\n file ${path}\n}\n. {\n forward . 192.0.2.53\n}`,
    everywhere,
  );
  deepEqual((await server.ask('out.z.org'))?.answers, [
    'out.z.org. 3600 CNAME elsewhere.net.',
    'elsewhere.net. 60 A 192.0.2.1',
  ]);
  equal((await server.ask('loop1.z.org'))?.rcode, 'SERVFAIL');
  equal((await server.ask('z.org', 'AXFR'))?.rcode, 'REFUSED');
});

test('file: reload, reload_by_mtime: a broken zone leaves the last good one in force; fallthrough', async () => {
  const path = write('broken', zone);
  await using server = await CorefileServer.start(
    `z.org {\n file ${path} {\n  reload 10s\n  reload_by_mtime\n  fallthrough\n }\n forward . 192.0.2.53\n}`,
    everywhere,
  );
  const isReported = (): boolean => server.problems.all.length > 0;
  await touched(server, path, `${zone}\nx A nonsense\n`, 10_000, isReported);
  deepEqual(
    server.problems.all.map(({ message }) => /"nonsense".*$/.exec(message)?.[0]),
    ['"nonsense" is no IPv4 address'],
  );
  deepEqual((await server.ask('www.z.org'))?.answers, ['www.z.org. 60 A 192.0.2.1']);
  deepEqual((await server.ask('other.z.org'))?.answers, ['other.z.org. 60 A 192.0.2.1']);
});

test('template: match, groups, answer, additional, authority, rcode, ederror', async () => {
  await using server = await CorefileServer.start(`example. {
    template IN A {
      match "^ip-(?P<a>[0-9]+)-(?P<b>[0-9]+)[.]example[.]$"
      answer "{{ .Name }} 60 IN A 192.0.{{ .Group.a }}.{{ index .Match 2 }}"
      additional "{{ .Zone }} 5 {{ .Class }} TXT {{ .Type }}"
      authority "example. 5 IN NS ns.example."
      fallthrough
    }
    template IN ANY {
      rcode NXDOMAIN
      ederror 21 "not here"
      authority "example. 60 IN SOA ns. host. 1 2 3 4 5"
    }
  }`);
  deepEqual(await server.ask('ip-2-7.example'), {
    rcode: 'NOERROR',
    flags: 'aa rd',
    answers: ['ip-2-7.example. 60 A 192.0.2.7'],
    authorities: ['example. 5 NS ns.example.'],
    additionals: ['example. 5 TXT "A"'],
  });
  equal((await server.ask('x.example'))?.rcode, 'NXDOMAIN');
  equal((await server.message('x.example', 'A', { edns: {} }))?.edns?.options[0]?.code, 15);
});

test('template: no match without fallthrough, and what is no record, are SERVFAIL', async () => {
  await using server = await CorefileServer.start(
    '. {\n errors\n template IN A {\n  match "^a[.]$"\n  answer "{{ .Name }} 60 IN A {{ parseInt `zz` 10 8 }}"\n }\n}',
  );
  equal((await server.ask('a'))?.rcode, 'SERVFAIL');
  equal((await server.ask('b'))?.rcode, 'SERVFAIL');
});

test('template: a CNAME is followed', async () => {
  await using server = await CorefileServer.start(
    'x.org {\n template IN A {\n  answer "{{ .Name }} 60 IN CNAME y.net."\n }\n}\n. {\n forward . 192.0.2.53\n}',
    everywhere,
  );
  deepEqual((await server.ask('a.x.org'))?.answers, [
    'a.x.org. 60 CNAME y.net.',
    'y.net. 60 A 192.0.2.1',
  ]);
});

const rewrites: readonly (readonly [
  line: string,
  asked: string,
  outside: string,
  owner: string,
])[] = [
  ['name a.org b.org', 'a.org', 'b.org', 'a.org.'],
  ['name exact a.org b.org', 'A.org', 'b.org', 'A.org.'],
  ['name prefix dev- prod-', 'dev-x.org', 'prod-x.org', 'prod-x.org.'],
  ['name suffix .svc.old. .svc.new.', 'x.svc.old', 'x.svc.new', 'x.svc.new.'],
  ['name suffix .old .new answer auto', 'x.old', 'x.new', 'x.old.'],
  ['name substring -a- -b-', 'x-a-y.org', 'x-b-y.org', 'x-b-y.org.'],
  [
    'name regex (.*)-(us)\\.org {1}.{2}.net answer name (.*)\\.(us)\\.net {1}-{2}.org',
    'ftp-us.org',
    'ftp.us.net',
    'ftp-us.org.',
  ],
  ['continue name a.org b.org\n rewrite name b.org c.org', 'a.org', 'c.org', 'a.org.'],
  ['name a.org b.org\n rewrite name b.org c.org', 'a.org', 'b.org', 'a.org.'],
  ['stop name z.org b.org', 'a.org', 'a.org', 'a.org.'],
];
for (const [line, asked, outside, owner] of rewrites) {
  test(`rewrite: ${line.replaceAll('\n', ' ')}`, async () => {
    await using server = await CorefileServer.start(
      `. {\n rewrite ${line}\n forward . 192.0.2.53\n}`,
      everywhere,
    );
    const reply = await server.message(asked);
    deepEqual(server.asked, [outside]);
    equal(`${reply?.answers[0]?.name.join('.')}.`, owner);
    equal(reply?.questions[0]?.name.join('.'), asked);
  });
}

test('rewrite: type, class, ttl; answer value', async () => {
  await using server = await CorefileServer.start(
    '. {\n rewrite type ANY A\n rewrite continue ttl regex (.*) 30-\n rewrite name suffix .x.org .y.net answer value (.*)\\.y\\.net {1}.x.org\n rewrite class CH IN\n forward . 192.0.2.53\n}',
    ({ questions: [question] }) =>
      question?.name.at(-1) === 'net'
        ? answering(['a.y.net. 5 IN CNAME b.y.net.'])
        : everywhere({ questions: question ? [question] : [] } as never, ''),
  );
  equal((await server.message('q.org', 'ANY'))?.answers[0]?.type, 1);
  deepEqual((await server.ask('a.x.org'))?.answers, ['a.y.net. 30 CNAME b.x.org.']);
});

test('autopath: the search path is walked here', async () => {
  const path = write(
    'resolv.conf',
    'nameserver 192.0.2.1\nsearch a.svc.cluster.local svc.cluster.local cluster.local\n',
  );
  await using server = await CorefileServer.start(
    `. {\n autopath ${path}\n kubernetes cluster.local\n forward . 192.0.2.53\n}`,
    everywhere,
  );
  server.load([
    bundle('b/web', { clusterIP: '10.96.0.1' }),
    bundle('a/own', { clusterIP: '10.96.0.2' }),
  ]);
  deepEqual((await server.ask('www.example.org.a.svc.cluster.local'))?.answers, [
    'www.example.org.a.svc.cluster.local. 60 CNAME www.example.org.',
    'www.example.org. 60 A 192.0.2.1',
  ]);
  deepEqual(
    (await server.ask('web.b.a.svc.cluster.local'))?.answers?.[1],
    'web.b.svc.cluster.local. 5 A 10.96.0.1',
  );
  deepEqual((await server.ask('own.a.svc.cluster.local'))?.answers, [
    'own.a.svc.cluster.local. 5 A 10.96.0.2',
  ]);
});

test('k8s_external: external addresses, SRV, apex, ttl, headless, fallthrough', async () => {
  await using server = await CorefileServer.start(
    '. {\n k8s_external ext.org {\n  ttl 9\n  apex top\n  headless\n  fallthrough\n }\n whoami\n}',
  );
  server.load([
    bundle('a/web', {
      clusterIP: '10.96.0.1',
      externalIPs: ['192.0.2.1'],
      ports: [{ name: 'http', port: 80 }],
    }),
    bundle('a/db', { clusterIP: 'None' }, [
      slice('a/db-1', ['10.0.0.1'], [{ name: 'sql', port: 5432 }]),
    ]),
  ]);
  deepEqual((await server.ask('web.a.ext.org'))?.answers, ['web.a.ext.org. 9 A 192.0.2.1']);
  deepEqual((await server.ask('_http._tcp.web.a.ext.org', 'SRV'))?.answers, [
    '_http._tcp.web.a.ext.org. 9 SRV 0 100 80 web.a.ext.org.',
  ]);
  deepEqual((await server.ask('db.a.ext.org'))?.answers, ['db.a.ext.org. 9 A 10.0.0.1']);
  deepEqual((await server.ask('ext.org', 'NS'))?.answers, ['ext.org. 9 NS ns1.top.ext.org.']);
  deepEqual((await server.ask('a.ext.org'))?.rcode, 'NOERROR');
  equal((await server.ask('none.a.ext.org'))?.additionals?.length, 2);
});

const cluster = [
  bundle('a/web', { clusterIP: '10.96.0.1' }, [
    slice('a/web-1', [{ addresses: ['10.0.0.1'], targetRef: { kind: 'Pod', name: 'web-x1' } }]),
  ]),
  bundle('b/web', { clusterIP: '10.96.0.2' }),
  bundle('a/db', { clusterIP: 'None' }, [slice('a/db-1', ['10.0.0.2'])]),
];
const kubernetesCases: readonly (readonly [option: string, name: string, rcode: string])[] = [
  ['namespaces a', 'web.a.svc.cluster.local', 'NOERROR'],
  ['namespaces a', 'web.b.svc.cluster.local', 'NXDOMAIN'],
  ['namespaces a', 'b.svc.cluster.local', 'NXDOMAIN'],
  ['endpoint_pod_names', 'web-x1.web.a.svc.cluster.local', 'NOERROR'],
  ['endpoint_pod_names', '10-0-0-1.web.a.svc.cluster.local', 'NXDOMAIN'],
  ['noendpoints', '10-0-0-1.web.a.svc.cluster.local', 'NXDOMAIN'],
  ['noendpoints', 'db.a.svc.cluster.local', 'NXDOMAIN'],
  ['noendpoints', 'web.a.svc.cluster.local', 'NOERROR'],
  ['ignore empty_service', 'web.b.svc.cluster.local', 'NXDOMAIN'],
  ['ignore empty_service', 'web.a.svc.cluster.local', 'NOERROR'],
  ['pods disabled', '1-2-3-4.a.pod.cluster.local', 'NXDOMAIN'],
  ['pods insecure', '1-2-3-4.a.pod.cluster.local', 'NOERROR'],
  ['fallthrough', 'none.a.svc.cluster.local', 'REFUSED'],
  ['ttl 0', 'web.a.svc.cluster.local', 'NOERROR'],
  [
    'endpoint https://x\n  tls a b c\n  kubeconfig k\n  startup_timeout 5s\n  apiserver_qps 1\n  apiserver_burst 1\n  apiserver_max_inflight 1',
    'web.a.svc.cluster.local',
    'NOERROR',
  ],
];
for (const [option, name, rcode] of kubernetesCases) {
  test(`kubernetes: ${option.replaceAll(/\s+/g, ' ')}: ${name} is ${rcode}`, async () => {
    await using server = await CorefileServer.start(
      `. {\n kubernetes cluster.local in-addr.arpa {\n  ${option}\n }\n}`,
    );
    server.load(cluster);
    equal((await server.ask(name))?.rcode, rcode);
  });
}

test('the closest block answers; DS belongs to the parent; nobody serves the rest', async () => {
  await using server = await CorefileServer.start('org {\n any\n}\nx.org {\n whoami\n}');
  equal((await server.ask('a.x.org'))?.additionals?.length, 2);
  equal((await server.ask('x.org', 'DS'))?.rcode, 'REFUSED');
  equal((await server.ask('a.net'))?.rcode, 'REFUSED');
  ok(
    server.meter.values.has(
      'coredns_dns_responses_total{plugin="whoami",rcode="NOERROR",server="dns://:53",view="",zone="x.org."}',
    ),
  );
});
