import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { FakeNft } from '../../../../proxy/planes/nftables/fake-nft.ts';
import { createNftablesPlane } from '../../../../proxy/planes/nftables/index.ts';
import { endpointOf } from '../../../../proxy/planes/kernel/flow-counts.ts';
import type { RunCommand } from '../../../../proxy/planes/kernel/index.ts';
import { LeastConnWeights } from '../../../../proxy/planes/kernel/least-conn.ts';
import { endpoint, planeFixture, servicePort, tableOf } from './fixtures.ts';

const original = 'src=10.244.0.4 dst=10.96.0.1 sport=40000 dport=80';
const reply = 'src=10.244.0.9 dst=10.244.0.4 sport=8080 dport=40000';
for (const [text, expected] of [
  [
    `tcp      6 431999 ESTABLISHED ${original} ${reply} [ASSURED] mark=0 use=1`,
    'TCP 10.244.0.9:8080',
  ],
  [`tcp      6 110 SYN_SENT ${original} [UNREPLIED] ${reply} mark=0 use=1`, 'TCP 10.244.0.9:8080'],
  [`tcp      6 110 TIME_WAIT ${original} ${reply} [ASSURED] mark=0 use=1`, undefined],
  [`tcp      6 110 CLOSE_WAIT ${original} ${reply} mark=0 use=1`, undefined],
  [`udp      17 29 ${original} ${reply} mark=0 use=1`, 'UDP 10.244.0.9:8080'],
  [`udp      17 29 ${original} packets=1 bytes=29 ${reply} mark=0 use=1`, 'UDP 10.244.0.9:8080'],
  [`sctp     132 3 COOKIE_WAIT ${original} ${reply} mark=0 use=1`, 'SCTP 10.244.0.9:8080'],
  [
    'tcp      6 9 ESTABLISHED src=fd44:0:0:0:0:0:0:4 dst=fd96::1 sport=4 dport=80 src=fd44:0:0:0:0:0:0:9 dst=fd44::4 sport=8080 dport=4 mark=0 use=1',
    'TCP [fd44::9]:8080',
  ],
  [`icmp     1 29 src=10.0.0.1 dst=10.0.0.2 type=8 code=0 id=1 src=10.0.0.2`, undefined],
  ['', undefined],
] as const) {
  test(`a flow counts for ${expected ?? 'nobody'}: ${text.slice(0, 40)}`, () =>
    equal(endpointOf(text), expected));
}

const a = '10.244.0.1';
const b = '10.244.0.2';
const port = (weights: readonly [number, number] = [1, 1]) =>
  servicePort({
    algorithm: 'least-conn',
    clusterEndpoints: [endpoint(a, { weight: weights[0] }), endpoint(b, { weight: weights[1] })],
  });
const shares = (weights: LeastConnWeights, of = port()): readonly number[] =>
  weights.weighed(of).clusterEndpoints.map(({ weight }) => weight);

for (const [what, own, flows, expected] of [
  ['no flows', [1, 1], [0, 0], [32, 32]],
  ['one has all of them', [1, 1], [7, 0], [7, 57]],
  ['as many as their weights', [3, 1], [2, 0], [32, 32]],
  ['weight 0 stays out', [0, 1], [0, 5], [0, 64]],
  ['nobody is left without any', [1, 1], [100_000, 0], [1, 64]],
] as const) {
  test(`shares in 64ths: ${what}`, () => {
    const weights = new LeastConnWeights();
    weights.note(port(own));
    weights.recount(
      new Map([
        [`TCP ${a}:8080`, flows[0]],
        [`TCP ${b}:8080`, flows[1]],
      ]),
    );
    deepEqual(shares(weights, port(own)), expected);
  });
}

test('a share that hardly moves is left alone', () => {
  const weights = new LeastConnWeights();
  weights.note(port());
  const count = (flows: number) =>
    weights.recount(
      new Map([
        [`TCP ${a}:8080`, 200 + flows],
        [`TCP ${b}:8080`, 200],
      ]),
    );
  equal(count(0).length, 1);
  equal(count(4).length, 0);
  equal(count(200).length, 1);
});

test('other algorithms and lone endpoints are not counted for', () => {
  const weights = new LeastConnWeights();
  weights.note(servicePort({ clusterEndpoints: [endpoint(a), endpoint(b)] }));
  weights.note(servicePort({ name: 'one', algorithm: 'p2c', clusterEndpoints: [endpoint(a)] }));
  equal(weights.size, 0);
});

test('the plane counts a second after, and writes the shares that moved', async () => {
  const dump = `tcp      6 431999 ESTABLISHED ${original} ${reply.replace('10.244.0.9', a)} mark=0\n`;
  const dumps: string[] = [];
  const run: RunCommand = async (_, args) => {
    dumps.push(args.join(' '));
    return { exitCode: 0, stdout: args.includes('ipv4') ? dump.repeat(15) : '', stderr: '' };
  };
  const { options, clock, meter } = planeFixture({ run, families: ['IPv4'] });
  const nft = new FakeNft();
  await using plane = createNftablesPlane(options, [], nft);
  await plane.apply(tableOf(1, [port()]), undefined);
  equal(meter.values.get('portolan_kernel_approximated_least_conn_ports'), 1);
  await clock.advanceAsync(999);
  deepEqual(dumps, []);
  await clock.advanceAsync(1);
  await plane.drain();
  deepEqual(dumps, ['-L -f ipv4', '-L -f ipv6']);
  const slots = nft.elements('ip portolan', 'endpoints-tcp');
  const to = (address: string): number =>
    slots.filter((one) => one.includes(` : ${address} `)).length;
  ok(to(b) === 15 * to(a), `${to(a)} to ${to(b)}`);
});
