import { type Row, testIssues } from './issue-table.ts';

const slice = (fields: object): object => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { name: 'shop-1' },
  addressType: 'IPv4',
  endpoints: [],
  ...fields,
});
const at = (address: string, fields: object = {}): object =>
  slice({ endpoints: [{ addresses: [address], ...fields }] });
const endpoints = (subset: object): object => ({
  apiVersion: 'v1',
  kind: 'Endpoints',
  metadata: { name: 'shop' },
  subsets: [subset],
});
const many = (count: number): object[] =>
  Array.from({ length: count }, (_, index) => ({
    addresses: [`10.0.${index >> 8}.${index & 255}`],
  }));

const address = 'endpoints[0].addresses[0]';
const rows: readonly Row[] = [
  { name: 'slice without endpoints', object: { ...slice({}), endpoints: undefined } },
  {
    name: 'slice without addressType',
    object: { ...slice({}), addressType: undefined },
    refused: ['addressType'],
  },
  {
    name: 'slice of unknown type',
    object: slice({ addressType: 'ipv4' }),
    refused: ['addressType'],
  },
  { name: 'IPv4', object: at('10.0.0.1') },
  { name: 'IPv6 in an IPv4 slice', object: at('fd00::1'), refused: [address] },
  { name: 'IPv4 with leading zero', object: at('10.0.0.01'), refused: [address] },
  {
    name: 'IPv6 with zone',
    object: { ...at('fe80::1%eth0'), addressType: 'IPv6' },
    refused: [address],
  },
  { name: 'a name', object: at('a.example.com'), refused: [address] },
  { name: 'a name as FQDN', object: { ...at('a.example.com'), addressType: 'FQDN' } },
  { name: 'loopback', object: at('127.0.0.1') },
  { name: 'link-local', object: at('169.254.1.1') },
  { name: 'IPv6 loopback', object: { ...at('::1'), addressType: 'IPv6' } },
  { name: 'unspecified', object: at('0.0.0.0'), refused: [address] },
  { name: 'multicast', object: at('239.0.0.1'), refused: [address] },
  {
    name: 'no address',
    object: slice({ endpoints: [{ addresses: [] }] }),
    refused: ['endpoints[0].addresses'],
  },
  { name: '1000 endpoints', object: slice({ endpoints: many(1000) }) },
  { name: '1001 endpoints', object: slice({ endpoints: many(1001) }), refused: ['endpoints'] },
  {
    name: 'hostname with a dot',
    object: at('10.0.0.1', { hostname: 'a.b' }),
    refused: ['endpoints[0].hostname'],
  },
  {
    name: 'port names twice',
    object: slice({ ports: [{ port: 80 }, { port: 81 }] }),
    refused: ['ports[1]'],
  },
  { name: 'port 0', object: slice({ ports: [{ port: 0 }] }), refused: ['ports[0].port'] },
  {
    name: 'unknown protocol',
    object: slice({ ports: [{ port: 1, protocol: 'QUIC' }] }),
    refused: ['ports[0].protocol'],
  },
  {
    name: 'misspelt condition',
    object: at('10.0.0.1', { conditions: { redy: true } }),
    doubtful: ['endpoints[0].conditions.redy'],
  },
  {
    name: 'Endpoints',
    object: endpoints({ addresses: [{ ip: '127.0.0.1' }], ports: [{ port: 80 }] }),
  },
  {
    name: 'Endpoints of nothing',
    object: endpoints({ ports: [{ port: 80 }] }),
    refused: ['subsets[0].addresses'],
  },
  {
    name: 'Endpoints, not ready',
    object: endpoints({ notReadyAddresses: [{ ip: 'a' }] }),
    refused: ['subsets[0].notReadyAddresses[0].ip'],
  },
  {
    name: 'Endpoints, two ports without names',
    object: endpoints({ addresses: [{ ip: '10.0.0.1' }], ports: [{ port: 80 }, { port: 81 }] }),
    refused: ['subsets[0].ports[0].name', 'subsets[0].ports[1].name'],
  },
];
testIssues(rows);

testIssues(
  [
    { name: 'in a cluster: loopback', object: at('127.0.0.1'), refused: [address] },
    { name: 'in a cluster: link-local', object: at('169.254.1.1'), refused: [address] },
    { name: 'in a cluster: an ordinary address', object: at('192.0.2.1') },
  ],
  { clusterless: false },
);
