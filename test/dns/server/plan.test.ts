import { deepEqual, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { parseCorefile } from '../../../dns/corefile/index.ts';
import { type BlockPlan, planBlocks } from '../../../dns/server/plan.ts';
import { memorySource } from '../corefile-server.ts';

const plan = (text: string): readonly BlockPlan[] =>
  planBlocks(parseCorefile(text, 'Corefile', memorySource()));

test('plugins stand in the fixed order, whatever the order of lines', () => {
  const [block] = plan(
    '. {\n whoami\n forward . 192.0.2.1\n cache\n errors\n log\n kubernetes cluster.local\n}',
  );
  deepEqual(
    block?.plugins.map(({ name }) => name),
    ['errors', 'log', 'cache', 'kubernetes', 'forward', 'whoami'],
  );
});

test('settings: defaults and what lines change', () => {
  const [bare] = plan('. {\n health\n ready\n prometheus\n reload\n}');
  deepEqual(bare?.settings.health, { host: undefined, port: 8080, lameduckMs: 0 });
  deepEqual(bare?.settings.ready, { host: undefined, port: 8181 });
  deepEqual(bare?.settings.prometheus, { host: undefined, port: 9153 });
  deepEqual(bare?.settings.reload, { intervalMs: 30_000, jitterMs: 15_000 });
  const [full] = plan(
    '. {\n bind 127.0.0.1\n health 127.0.0.1:80 {\n  lameduck 5s\n }\n reload 2s 1s\n timeouts {\n  read 1s\n  write 2s\n  idle 4s\n  maxtcpqueries -1\n }\n tls c k\n}',
  );
  deepEqual(full?.settings.bind, ['127.0.0.1']);
  deepEqual(full?.settings.health, { host: '127.0.0.1', port: 80, lameduckMs: 5000 });
  deepEqual(full?.settings.reload, { intervalMs: 2000, jitterMs: 1000 });
  deepEqual(full?.settings.timeouts, { readMs: 1000, writeMs: 2000, idleMs: 4000 });
});

const refused: readonly (readonly [lines: string, message: RegExp])[] = [
  ['frobnicate', /Corefile:2:1: unknown directive "frobnicate"/],
  ['proxy . 1.1.1.1', /proxy is not served by this version: write forward/],
  ['dnssec', /dnssec is not served/],
  ['cache\ncache', /Corefile:3:1: cache stands twice in this block/],
  ['cache {\n sucess 1\n}', /cache has no option "sucess" \(it has: success, denial,/],
  ['cache x/y', /neither a zone nor a CIDR/],
  ['reload 1s', /"1s" is not within 2000 ms/],
  ['health nonsense', /"nonsense" is no address/],
  ['bind nowhere0', /"nowhere0" is no address and no interface/],
  ['forward . example.org', /upstream "example.org" is no address/],
  ['forward . https://dns.example', /upstream "https:\/\/dns.example" is no address/],
  ['forward .', /forward lacks an argument/],
  ['kubernetes in-addr.arpa', /kubernetes needs a zone that is no reverse zone/],
  ['kubernetes cluster.local {\n ttl 3601\n}', /"3601" is no number from 0 to 3600/],
  ['kubernetes cluster.local {\n pods maybe\n}', /not one of: disabled, insecure, verified/],
  ['kubernetes cluster.local {\n upstream\n}', /does not serve "upstream" here: remove the line/],
  ['kubernetes cluster.local {\n labels a=b=c\n}', /is no requirement|bad value/],
  ['kubernetes cluster.local {\n namespaces a\n namespace_labels b\n}', /exclude each other/],
  ['kubernetes cluster.local {\n zonal\n noendpoints\n}', /made of endpoints/],
  ['view v {\n expr frob()\n}', /no function "frob"/],
  ['view v {\n expr type() ==\n}', /ends early/],
  ['transfer', /transfer needs a line: to/],
  ['transfer {\n to nowhere\n}', /no address, no CIDR and not \*/],
  ['cache {\n serve_stale_policy prefer_positive\n}', /needs a serve_stale line/],
  ['autopath @kubernetes', /needs a kubernetes line/],
  ['autopath @kubernetes\n kubernetes cluster.local', /needs "pods verified"/],
  ['autopath @other', /knows no plugin @other/],
  ['loadbalance weighted', /write loadbalance weighted FILE/],
  ['rewrite edns0 local set frob x', /code of a local option/],
  ['rewrite edns0 local set 0xffee {frob}', /no variable/],
  ['rewrite edns0 subnet set 33 56', /two prefix lengths/],
  ['rewrite rcode x.org FROB NOERROR', /no rcode/],
  ['rewrite name regex (a)b {2} ', /has no group \{2\}/],
  ['rewrite name regex (a+)+b c', /repeats a repeat/],
  ['template IN A {\n answer "{{ .Foo }}"\n}', /"\{\{ .Foo \}\}" is not served/],
  ['log . "{nope}"', /log knows no \{nope\}/],
  ['acl {\n block net 10.0.0.0/99\n}', /neither an address nor a CIDR/],
  ['acl {\n block type NOPE\n}', /"NOPE" is no record type/],
  ['header {\n query set aa\n}', /aa is a flag of responses/],
  ['dns64 10.0.0.0/8', /is no IPv6 prefix of 96 bits/],
  ['bufsize 100', /"100" is no number from 512 to 4096/],
  ['cancel x', /"x" is not a duration/],
];
for (const [lines, message] of refused) {
  test(`refused: ${lines.replaceAll('\n', ' ')}`, () => {
    throws(() => plan(`. {\n${lines}\n}`), { name: 'ConfigError', message });
  });
}

test('two blocks for one zone and port are refused; told apart by bind they are not', () => {
  throws(() => plan('a.org {\n}\na.org {\n}'), /a.org is served already by the block in line 1/);
  plan('a.org {\n bind 127.0.0.1\n}\na.org {\n bind 127.0.0.2\n}');
});
