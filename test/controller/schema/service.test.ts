import { type Row, testIssues } from './issue-table.ts';

const one = [{ port: 80 }];
const service = (spec: object, metadata: object = {}): object => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'shop', ...metadata },
  spec,
});
const withPort = (port: object, spec: object = {}): object =>
  service({ ports: [{ port: 80, ...port }], ...spec });
const withAffinity = (timeoutSeconds: number, sessionAffinity = 'ClientIP'): object =>
  service({
    ports: one,
    sessionAffinity,
    sessionAffinityConfig: { clientIP: { timeoutSeconds } },
  });

const rows: readonly Row[] = [
  { name: 'least', object: service({ ports: one }) },
  {
    name: 'no spec',
    object: { apiVersion: 'v1', kind: 'Service', metadata: { name: 'a' } },
    refused: ['spec.ports'],
  },
  { name: 'no ports', object: service({}), refused: ['spec.ports'] },
  { name: 'headless needs no ports', object: service({ clusterIP: 'None' }) },
  {
    name: 'ExternalName needs no ports',
    object: service({ type: 'ExternalName', externalName: 'db.example.com.' }),
  },
  {
    name: 'ExternalName needs a name',
    object: service({ type: 'ExternalName' }),
    refused: ['spec.externalName'],
  },
  {
    name: 'ExternalName with underscore',
    object: service({ type: 'ExternalName', externalName: 'a_b' }),
    refused: ['spec.externalName'],
  },
  {
    name: 'ExternalName has no address',
    object: service({ type: 'ExternalName', externalName: 'a.b', clusterIP: '10.0.0.1' }),
    refused: ['spec.clusterIP'],
  },
  {
    name: 'type of another spelling',
    object: service({ type: 'clusterIP', ports: one }),
    refused: ['spec.type'],
  },
  {
    name: 'name in upper case',
    object: service({ ports: one }, { name: 'Shop' }),
    refused: ['metadata.name'],
  },
  {
    name: 'name with a dot',
    object: service({ ports: one }, { name: 'shop.eu' }),
    refused: ['metadata.name'],
  },
  {
    name: 'name that begins with a digit',
    object: service({ ports: one }, { name: '1shop' }),
    doubtful: ['metadata.name'],
  },
  {
    name: 'name of 64 letters',
    object: service({ ports: one }, { name: 'a'.repeat(64) }),
    refused: ['metadata.name'],
  },
  {
    name: 'generateName alone',
    object: service({ ports: one }, { name: '', generateName: 'a-' }),
    refused: ['metadata.name'],
  },
  {
    name: 'namespace with a dot',
    object: service({ ports: one }, { namespace: 'a.b' }),
    refused: ['metadata.namespace'],
  },
  {
    name: 'bad label value',
    object: service({ ports: one }, { labels: { app: 'a b' } }),
    refused: ['metadata.labels.app'],
  },
  {
    name: 'bad label key',
    object: service({ ports: one }, { labels: { '-a': 'b' } }),
    refused: ['metadata.labels.-a'],
  },
  {
    name: 'annotation prefix in upper case',
    object: service({ ports: one }, { annotations: { 'Example.com/a': 'b c' } }),
  },
  {
    name: 'annotations of 257 KiB',
    object: service({ ports: one }, { annotations: { a: 'x'.repeat(263168) } }),
    refused: ['metadata.annotations'],
  },
  {
    name: 'bad selector',
    object: service({ ports: one, selector: { app: '!' } }),
    refused: ['spec.selector.app'],
  },
  { name: 'port 0', object: withPort({ port: 0 }), refused: ['spec.ports[0].port'] },
  { name: 'port 65535', object: withPort({ port: 65535 }) },
  { name: 'port 65536', object: withPort({ port: 65536 }), refused: ['spec.ports[0].port'] },
  {
    name: 'port name in upper case',
    object: withPort({ name: 'HTTP' }),
    refused: ['spec.ports[0].name'],
  },
  {
    name: 'unknown protocol',
    object: withPort({ protocol: 'tcp' }),
    refused: ['spec.ports[0].protocol'],
  },
  {
    name: 'targetPort 70000',
    object: withPort({ targetPort: 70000 }),
    refused: ['spec.ports[0].targetPort'],
  },
  {
    name: 'targetPort in quotes',
    object: withPort({ targetPort: '8080' }),
    refused: ['spec.ports[0].targetPort'],
  },
  {
    name: 'targetPort with two hyphens',
    object: withPort({ targetPort: 'a--b' }),
    refused: ['spec.ports[0].targetPort'],
  },
  {
    name: 'targetPort of 16 letters',
    object: withPort({ targetPort: 'a'.repeat(16) }),
    refused: ['spec.ports[0].targetPort'],
  },
  { name: 'appProtocol', object: withPort({ appProtocol: 'kubernetes.io/h2c' }) },
  {
    name: 'bad appProtocol',
    object: withPort({ appProtocol: 'a b' }),
    refused: ['spec.ports[0].appProtocol'],
  },
  {
    name: 'two ports need names',
    object: service({ ports: [{ port: 80 }, { port: 81, name: 'b' }] }),
    refused: ['spec.ports[0].name'],
  },
  {
    name: 'names twice',
    object: service({
      ports: [
        { port: 80, name: 'a' },
        { port: 81, name: 'a' },
      ],
    }),
    refused: ['spec.ports[1]'],
  },
  {
    name: 'port twice',
    object: service({
      ports: [
        { port: 80, name: 'a' },
        { port: 80, name: 'b' },
      ],
    }),
    refused: ['spec.ports[1]'],
  },
  {
    name: 'same number, other protocol',
    object: service({
      ports: [
        { port: 53, name: 'a' },
        { port: 53, name: 'b', protocol: 'UDP' },
      ],
    }),
  },
  {
    name: 'nodePort of ClusterIP',
    object: withPort({ nodePort: 30000 }),
    refused: ['spec.ports[0].nodePort'],
  },
  { name: 'nodePort 0 is none', object: withPort({ nodePort: 0 }) },
  { name: 'nodePort of NodePort', object: withPort({ nodePort: 30000 }, { type: 'NodePort' }) },
  {
    name: 'nodePort twice',
    object: service({
      type: 'NodePort',
      ports: [
        { port: 80, name: 'a', nodePort: 30000 },
        { port: 81, name: 'b', nodePort: 30000 },
      ],
    }),
    refused: ['spec.ports[1]'],
  },
  {
    name: 'clusterIP is a name',
    object: service({ ports: one, clusterIP: 'none' }),
    refused: ['spec.clusterIP'],
  },
  {
    name: 'headless NodePort',
    object: service({ ports: one, type: 'NodePort', clusterIP: 'None' }),
    refused: ['spec.clusterIP'],
  },
  {
    name: 'clusterIPs of other content',
    object: service({ ports: one, clusterIP: '10.0.0.1', clusterIPs: ['10.0.0.2'] }),
    refused: ['spec.clusterIPs[0]'],
  },
  {
    name: 'dual stack',
    object: service({
      ports: one,
      clusterIPs: ['10.0.0.1', 'fd00::1'],
      ipFamilies: ['IPv4', 'IPv6'],
      ipFamilyPolicy: 'RequireDualStack',
    }),
  },
  {
    name: 'two of one family',
    object: service({ ports: one, clusterIPs: ['10.0.0.1', '10.0.0.2'] }),
    refused: ['spec.clusterIPs[1]'],
  },
  {
    name: 'family of another address',
    object: service({ ports: one, clusterIP: '10.0.0.1', ipFamilies: ['IPv6'] }),
    refused: ['spec.ipFamilies[0]'],
  },
  {
    name: 'unknown family',
    object: service({ ports: one, ipFamilies: ['IPv5'] }),
    refused: ['spec.ipFamilies[0]'],
  },
  {
    name: 'unknown policy of families',
    object: service({ ports: one, ipFamilyPolicy: 'Dual' }),
    refused: ['spec.ipFamilyPolicy'],
  },
  {
    name: 'externalIP is a name',
    object: service({ ports: one, externalIPs: ['a.b'] }),
    refused: ['spec.externalIPs[0]'],
  },
  { name: 'externalIP on loopback', object: service({ ports: one, externalIPs: ['127.0.0.9'] }) },
  {
    name: 'externalIP is multicast',
    object: service({ ports: one, externalIPs: ['224.0.0.1'] }),
    refused: ['spec.externalIPs[0]'],
  },
  {
    name: 'externalIP is 0.0.0.0',
    object: service({ ports: one, externalIPs: ['0.0.0.0'] }),
    refused: ['spec.externalIPs[0]'],
  },
  { name: 'affinity', object: withAffinity(86400) },
  {
    name: 'affinity of no time',
    object: withAffinity(0),
    refused: ['spec.sessionAffinityConfig.clientIP.timeoutSeconds'],
  },
  {
    name: 'affinity of more than a day',
    object: withAffinity(86401),
    refused: ['spec.sessionAffinityConfig.clientIP.timeoutSeconds'],
  },
  {
    name: 'affinity switched off but configured',
    object: withAffinity(60, 'None'),
    refused: ['spec.sessionAffinityConfig'],
  },
  {
    name: 'unknown affinity',
    object: service({ ports: one, sessionAffinity: 'Cookie' }),
    refused: ['spec.sessionAffinity'],
  },
  {
    name: 'external policy of an internal Service',
    object: service({ ports: one, externalTrafficPolicy: 'Local' }),
    refused: ['spec.externalTrafficPolicy'],
  },
  {
    name: 'external policy with externalIPs',
    object: service({ ports: one, externalIPs: ['192.0.2.1'], externalTrafficPolicy: 'Local' }),
  },
  {
    name: 'unknown policy',
    object: service({ ports: one, internalTrafficPolicy: 'local' }),
    refused: ['spec.internalTrafficPolicy'],
  },
  {
    name: 'unknown distribution',
    object: service({ ports: one, trafficDistribution: 'Near' }),
    refused: ['spec.trafficDistribution'],
  },
  {
    name: 'source ranges without balancer',
    object: service({ ports: one, loadBalancerSourceRanges: ['10.0.0.0/8'] }),
    refused: ['spec.loadBalancerSourceRanges'],
  },
  {
    name: 'source ranges with blanks',
    object: service({
      ports: one,
      type: 'LoadBalancer',
      loadBalancerSourceRanges: [' 10.0.0.0/8 '],
    }),
  },
  {
    name: 'source range without bits',
    object: service({ ports: one, type: 'LoadBalancer', loadBalancerSourceRanges: ['10.0.0.0'] }),
    refused: ['spec.loadBalancerSourceRanges[0]'],
  },
  {
    name: 'source range of 33 bits',
    object: service({
      ports: one,
      type: 'LoadBalancer',
      loadBalancerSourceRanges: ['10.0.0.0/33'],
    }),
    refused: ['spec.loadBalancerSourceRanges[0]'],
  },
  {
    name: 'class without balancer',
    object: service({ ports: one, loadBalancerClass: 'a.b/c' }),
    refused: ['spec.loadBalancerClass'],
  },
  {
    name: 'node ports of no balancer',
    object: service({ ports: one, allocateLoadBalancerNodePorts: false }),
    refused: ['spec.allocateLoadBalancerNodePorts'],
  },
  {
    name: 'health port without Local',
    object: service({ ports: one, type: 'LoadBalancer', healthCheckNodePort: 30001 }),
    refused: ['spec.healthCheckNodePort'],
  },
  {
    name: 'health port',
    object: service({
      ports: one,
      type: 'LoadBalancer',
      externalTrafficPolicy: 'Local',
      healthCheckNodePort: 30001,
    }),
  },
  {
    name: 'status with a name for an address',
    object: { ...service({ ports: one }), status: { loadBalancer: { ingress: [{ ip: 'a' }] } } },
    refused: ['status.loadBalancer.ingress[0].ip'],
  },
];
testIssues(rows);

testIssues(
  [
    {
      name: 'in a cluster: externalIP on loopback',
      object: service({ ports: one, externalIPs: ['127.0.0.9'] }),
      refused: ['spec.externalIPs[0]'],
    },
  ],
  { clusterless: false },
);
