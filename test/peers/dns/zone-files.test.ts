import { deepEqual, equal, ok } from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { DnsPlane } from '../../../dns/index.ts';
import {
  formatRcode,
  type Message,
  recordType,
  type ResourceRecord,
} from '../../../dns/wire/index.ts';
import { formatRecord } from '../../../dns/zonefile/index.ts';
import { program, skipWithout } from '../../requirements.ts';
import { ask, freePort, PeerServer, portolan, portOf, temporaryFolder } from './server.ts';

const zone = `$TTL 1h
@       IN SOA ns host ( 7 7200 1800 86400 300 )
        IN NS  ns
        IN NS  ns2
ns      A   192.0.2.53
ns2     A   192.0.2.54
        AAAA 2001:db8::54
www 60  A   192.0.2.1
www 60  A   192.0.2.2
        TXT "a b" c\\059d
alias   CNAME www
alias2  CNAME alias
out     CNAME elsewhere.example.
gone    CNAME nothing
*.wild  A   192.0.2.7
        MX  5 www
*.wcn   CNAME www
x.wild2.wild A 192.0.2.9
a.b.ent A   192.0.2.8
mail    MX  10 www
        MX  20 ns2
_s._tcp SRV 0 0 80 www
odd     TYPE65534 \\# 3 abcdef
sub     NS  ns.sub
        NS  ns.elsewhere.example.
        DS  1 8 2 0102030405060708010203040506070801020304050607080102030405060708
ns.sub  A   192.0.2.55
old     DNAME new
a.new   A   192.0.2.10
caa     CAA 0 issue "ca.example.net"
`;

type Type = keyof typeof recordType;
const questions: readonly (readonly [name: string, types: readonly Type[]])[] = [
  ['z.org', ['SOA', 'NS', 'A', 'MX', 'TXT']],
  ['www.z.org', ['A', 'AAAA', 'TXT', 'CNAME', 'NS']],
  ['WwW.Z.oRG', ['A', 'MX']],
  ['ns2.z.org', ['A', 'AAAA']],
  ['nothing.z.org', ['A', 'SOA', 'NS']],
  ['a.nothing.z.org', ['A']],
  ['alias.z.org', ['A', 'AAAA', 'CNAME', 'TXT']],
  ['alias2.z.org', ['A', 'CNAME']],
  ['gone.z.org', ['A', 'CNAME']],
  ['ent.z.org', ['A', 'NS']],
  ['b.ent.z.org', ['A', 'TXT']],
  ['a.b.ent.z.org', ['A']],
  ['c.b.ent.z.org', ['A']],
  ['x.wild.z.org', ['A', 'MX', 'TXT']],
  ['x.y.wild.z.org', ['A']],
  ['wild.z.org', ['A']],
  // A name that exists stops the wildcard, an empty non-terminal too (RFC 4592 §2.2.1).
  ['y.wild2.wild.z.org', ['A']],
  ['wild2.wild.z.org', ['A']],
  ['x.wcn.z.org', ['A', 'CNAME', 'MX']],
  ['mail.z.org', ['MX', 'A']],
  ['_s._tcp.z.org', ['SRV', 'A']],
  ['_tcp.z.org', ['SRV']],
  ['sub.z.org', ['A', 'NS', 'DS']],
  ['x.sub.z.org', ['A', 'MX']],
  ['ns.sub.z.org', ['A', 'AAAA']],
  ['a.old.z.org', ['A', 'AAAA', 'CNAME']],
  ['x.old.z.org', ['A']],
  ['old.z.org', ['A', 'DNAME']],
  ['caa.z.org', ['CAA']],
];

/** What resolvers go by: the answer in its order of CNAMEs, the SOA of a denial, a referral. */
function essence(message: Message | undefined): object | undefined {
  if (!message) return undefined;
  const text = (record: ResourceRecord): string => formatRecord(record).toLowerCase();
  const sorted = (records: readonly ResourceRecord[]): readonly string[] =>
    records.map(text).toSorted();
  const isDenial = message.authorities.some(({ type }) => type === recordType.SOA);
  const isReferral = message.answers.length === 0 && !isDenial;
  return {
    rcode: formatRcode(message.rcode),
    authoritative: message.authoritative,
    answers: sorted(message.answers),
    authorities: isDenial || isReferral ? sorted(message.authorities) : [],
    // Only glue is needed; more is up to the server.
    glue: isReferral ? sorted(message.additionals) : [],
  };
}

const nsdConfig = (folder: string, port: number): string => `server:
  ip-address: 127.0.0.1@${port}
  zonesdir: "${folder}"
  username: ""
  pidfile: ""
  database: ""
  xfrdfile: ""
  xfrdir: "${folder}"
  zonelistfile: "${folder}/zone.list"
  rrl-ratelimit: 0
remote-control:
  control-enable: no
zone:
  name: z.org
  zonefile: z.org
`;

const namedConfig = (folder: string, port: number): string => `options {
  directory "${folder}";
  listen-on port ${port} { 127.0.0.1; };
  listen-on-v6 { none; };
  pid-file none;
  session-keyfile none;
  recursion no;
  minimal-responses no;
  zero-no-soa-ttl no;
};
controls { };
zone "z.org" { type primary; file "${folder}/z.org"; };
`;

const peers = [
  {
    name: 'nsd',
    skip: skipWithout(program('nsd', 'nsd')),
    config: nsdConfig,
    command: (file: string) => ['nsd', '-d', '-c', file] as const,
  },
  {
    name: 'named',
    skip: skipWithout(program('named', 'bind9')),
    config: namedConfig,
    command: (file: string) => ['named', '-f', '-n', '1', '-c', file] as const,
  },
];

for (const { name, skip, config, command } of peers) {
  describe(`file answers as ${name} does`, { skip }, () => {
    const stack = new AsyncDisposableStack();
    let own: DnsPlane;
    let peer: PeerServer;

    before(async () => {
      const { path } = stack.use(temporaryFolder());
      writeFileSync(join(path, 'z.org'), zone);
      writeFileSync(join(path, 'Corefile'), `.:53 {\n file ${path}/z.org z.org\n}`);
      const port = await freePort();
      writeFileSync(join(path, 'config'), config(path, port));
      own = stack.use(await portolan(join(path, 'Corefile')));
      peer = stack.use(await PeerServer.start(command(join(path, 'config')), port, 'z.org'));
    });

    after(() => stack.disposeAsync());

    for (const [asked, types] of questions) {
      for (const type of types) {
        test(`${asked} ${type}`, async () => {
          const theirs = await ask(peer.port, asked, type);
          ok(theirs);
          deepEqual(essence(await ask(portOf(own), asked, type)), essence(theirs));
        });
      }
    }
  });
}

test('named is a secondary: it takes the cluster domain over by AXFR, and again after NOTIFY', {
  skip: skipWithout(program('named', 'bind9')),
  timeout: 60_000,
}, async () => {
  await using stack = new AsyncDisposableStack();
  const { path } = stack.use(temporaryFolder());
  const port = await freePort();
  const zoneText = (serial: number, address: string): string =>
    `@ 1 SOA ns host ${serial} 3600 3600 86400 1\n@ NS ns\nns A 192.0.2.53\nwww A ${address}\n`;
  writeFileSync(join(path, 'z.org'), zoneText(1, '192.0.2.1'));
  writeFileSync(
    join(path, 'Corefile'),
    `z.org:53 {\n file ${path}/z.org {\n  reload 1s\n }\n transfer {\n  to 127.0.0.1:${port}\n }\n}`,
  );
  const own = stack.use(await portolan(join(path, 'Corefile')));
  writeFileSync(
    join(path, 'named.conf'),
    `options { directory "${path}"; listen-on port ${port} { 127.0.0.1; }; listen-on-v6 { none; };
  pid-file none; session-keyfile none; recursion no; };
controls { };
zone "z.org" { type secondary; primaries { 127.0.0.1 port ${portOf(own)}; }; file "${path}/copy"; };
`,
  );
  const command = ['named', '-f', '-n', '1', '-c', join(path, 'named.conf')] as const;
  const named = stack.use(await PeerServer.start(command, port, 'z.org'));
  const address = async (): Promise<string | undefined> => {
    const [record] = (await ask(named.port, 'www.z.org', 'A'))?.answers ?? [];
    return record && formatRecord(record).split(' ').at(-1);
  };
  equal(await address(), '192.0.2.1');
  writeFileSync(join(path, 'z.org'), zoneText(2, '192.0.2.2'));
  const deadlineMs = performance.now() + 40_000;
  while ((await address()) !== '192.0.2.2' && performance.now() < deadlineMs) {
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  equal(await address(), '192.0.2.2');
});
