import { type Row, testIssues } from './issue-table.ts';

const of = (kind: string, fields: object, name = 'a'): object => ({
  apiVersion: 'v1',
  kind,
  metadata: { name },
  ...fields,
});
const pod = (container: object, fields: object = {}): object =>
  of('Pod', { spec: { containers: [{ name: 'web', ...container }] }, ...fields });
const probe = (readinessProbe: object): object => pod({ readinessProbe });
const probePath = 'spec.containers[0].readinessProbe';

const rows: readonly Row[] = [
  { name: 'Namespace with a dot', object: of('Namespace', {}, 'a.b'), refused: ['metadata.name'] },
  {
    name: 'Namespace in a namespace',
    object: { ...of('Namespace', {}), metadata: { name: 'a', namespace: 'b' } },
    doubtful: ['metadata.namespace'],
  },
  {
    name: 'Node',
    object: of(
      'Node',
      { spec: { podCIDR: '10.1.0.0/24', podCIDRs: ['10.1.0.0/24'] } },
      'n1.example.com',
    ),
  },
  {
    name: 'Node with a bad range',
    object: of('Node', { spec: { podCIDRs: ['10.1.0.0'] } }),
    refused: ['spec.podCIDRs[0]'],
  },
  {
    name: 'Node with an unknown effect',
    object: of('Node', { spec: { taints: [{ key: 'a', effect: 'Never' }] } }),
    refused: ['spec.taints[0].effect'],
  },
  { name: 'Secret', object: of('Secret', { data: { a: 'YQ==' } }) },
  {
    name: 'Secret of TLS without key',
    object: of('Secret', { type: 'kubernetes.io/tls', data: { 'tls.crt': '' } }),
    refused: ['data[tls.key]'],
  },
  {
    name: 'Secret of TLS as text',
    object: of('Secret', {
      type: 'kubernetes.io/tls',
      stringData: { 'tls.crt': 'a', 'tls.key': 'b' },
    }),
  },
  {
    name: 'Secret with a slash in a key',
    object: of('Secret', { data: { 'a/b': '' } }),
    refused: ['data[a/b]'],
  },
  {
    name: 'Secret of 1 MiB and more',
    object: of('Secret', { stringData: { a: 'x'.repeat(1048577) } }),
    refused: ['data'],
  },
  { name: 'ConfigMap', object: of('ConfigMap', { data: { a: '' } }) },
  {
    name: 'ConfigMap with a number',
    object: of('ConfigMap', { data: { a: 1 } }),
    refused: ['data.a'],
  },
  {
    name: 'ConfigMap with a key twice',
    object: of('ConfigMap', { data: { a: '' }, binaryData: { a: '' } }),
    refused: ['binaryData.a'],
  },
  { name: 'Pod', object: pod({ ports: [{ name: 'http', containerPort: 8080 }] }) },
  {
    name: 'Pod without containers',
    object: of('Pod', { spec: { containers: [] } }),
    refused: ['spec.containers'],
  },
  {
    name: 'Pod with a long port name',
    object: pod({ ports: [{ name: 'a'.repeat(16), containerPort: 1 }] }),
    refused: ['spec.containers[0].ports[0].name'],
  },
  { name: 'Pod with an address', object: pod({}, { status: { podIP: '127.0.0.1' } }) },
  {
    name: 'Pod with a name for an address',
    object: pod({}, { status: { podIP: 'a' } }),
    refused: ['status.podIP'],
  },
  {
    name: 'Pod in an unknown phase',
    object: pod({}, { status: { phase: 'running' } }),
    refused: ['status.phase'],
  },
  { name: 'probe', object: probe({ httpGet: { port: 'http' } }) },
  { name: 'probe of nothing', object: probe({}), refused: [`${probePath}.httpGet`] },
  {
    name: 'probe of two things',
    object: probe({ httpGet: { port: 1 }, tcpSocket: { port: 1 } }),
    refused: [probePath],
  },
  {
    name: 'probe of port 0',
    object: probe({ tcpSocket: { port: 0 } }),
    refused: [`${probePath}.tcpSocket.port`],
  },
  {
    name: 'probe with a negative time',
    object: probe({ tcpSocket: { port: 1 }, periodSeconds: -1 }),
    refused: [`${probePath}.periodSeconds`],
  },
  {
    name: 'EndpointHealth',
    object: {
      apiVersion: 'portolan.dev/v1alpha1',
      kind: 'EndpointHealth',
      metadata: { name: 'a' },
      status: { endpoints: [{ address: '10.0.0.1', port: 80, healthy: true }] },
    },
    refused: ['status.endpoints[0].lastTransitionTime'],
  },
];
testIssues(rows);
