import type { Problem } from '../../../controller/base/index.ts';
import type {
  AnyObject,
  EndpointHealth,
  EndpointSlice,
  Ingress,
  Pod,
  Secret,
  Service,
} from '../../../controller/objects/index.ts';
import { createMemoryStore } from '../../../controller/store/index.ts';
import type { ViewInput } from '../../../daemon/views/index.ts';
import { usualProtection } from '../../../ingress/compile/pool-protection.ts';
import type { HostRoutes, RouteTable } from '../../../ingress/compile/table.ts';
import type { ServicePort } from '../../../proxy/compile/table.ts';
import { FakeClock } from '../../fakes/clock.ts';

/** One moment of a small shop: every view has something to show. */
export async function shop(problems: readonly Problem[] = []): Promise<ViewInput> {
  const clock = new FakeClock();
  const store = createMemoryStore({ clock });
  await store.writeAll(objects.map((object) => ({ kind: 'create', object })));
  for (const object of objects) {
    const hasStatus = 'status' in object && object.kind !== 'EndpointHealth';
    if (hasStatus) await store.updateStatus(object);
  }
  clock.advance(5 * 60_000);
  return {
    store,
    services: { generation: 1, ports: new Map([[webPort.key, webPort]]) },
    routes,
    zones: {
      generation: 1,
      namespaces: new Set(['default']),
      services: new Map([
        [
          'default/web',
          {
            namespace: 'default',
            name: 'web',
            target: {
              kind: 'ClusterIP',
              addresses: ['127.96.0.10'],
              ports: [],
              endpoints: [],
              externalAddresses: [],
            },
          },
        ],
      ]),
      pods: new Map(),
      serial: 1,
    },
    problems,
    runtime: {
      nodeName: 'edge',
      virtualIPs: [],
      clusterDomain: 'cluster.local',
      planes: [
        { name: 'userspace', serves: 'services', addresses: [] },
        {
          name: 'ingress',
          serves: 'ingress',
          addresses: [{ name: 'http', host: '127.0.0.1', port: 8080 }],
        },
      ],
    },
    nowMs: clock.wallMs(),
  };
}

const web: Service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: {
    name: 'web',
    namespace: 'default',
    labels: { app: 'web' },
    annotations: { 'portolan.dev/weights': '10.0.0.2=3' },
  },
  spec: {
    type: 'NodePort',
    selector: { app: 'web' },
    clusterIP: '127.96.0.10',
    clusterIPs: ['127.96.0.10'],
    ipFamilies: ['IPv4'],
    ports: [{ name: 'http', port: 80, targetPort: 8080, nodePort: 30_080, protocol: 'TCP' }],
    sessionAffinity: 'None',
    internalTrafficPolicy: 'Cluster',
    externalTrafficPolicy: 'Cluster',
  },
};

const balanced: Service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'balanced', namespace: 'shop' },
  spec: { type: 'LoadBalancer', clusterIP: '127.96.0.11', clusterIPs: ['127.96.0.11'] },
};

const elsewhere: Service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'elsewhere', namespace: 'default' },
  spec: { type: 'ExternalName', externalName: 'example.org' },
};

const webSlice: EndpointSlice = {
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: {
    name: 'web-1',
    namespace: 'default',
    labels: { 'kubernetes.io/service-name': 'web' },
  },
  addressType: 'IPv4',
  ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
  endpoints: [
    {
      addresses: ['10.0.0.1'],
      nodeName: 'edge',
      zone: 'a',
      targetRef: { kind: 'Pod', name: 'web-a' },
    },
    { addresses: ['10.0.0.2'] },
    { addresses: ['10.0.0.3'], conditions: { ready: false, terminating: true } },
  ],
};

const webHealth: EndpointHealth = {
  apiVersion: 'portolan.dev/v1alpha1',
  kind: 'EndpointHealth',
  metadata: { name: 'web', namespace: 'default' },
  status: {
    endpoints: [
      {
        address: '10.0.0.1',
        port: 8080,
        healthy: true,
        lastTransitionTime: '2026-01-01T00:00:00Z',
      },
      {
        address: '10.0.0.2',
        port: 8080,
        healthy: false,
        message: 'status 503',
        lastTransitionTime: '2026-01-01T00:00:00Z',
      },
    ],
  },
};

const webPod: Pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web-a', namespace: 'default', labels: { app: 'web' } },
  spec: {
    nodeName: 'edge',
    containers: [
      {
        name: 'web',
        ports: [{ name: 'http', containerPort: 8080 }],
        readinessProbe: { httpGet: { path: '/ready', port: 'http' } },
      },
    ],
  },
  status: {
    phase: 'Running',
    podIP: '10.0.0.1',
    conditions: [{ type: 'Ready', status: 'True' }],
  },
};

const ingress: Ingress = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { name: 'shop', namespace: 'default' },
  spec: {
    ingressClassName: 'portolan',
    tls: [{ hosts: ['shop.example'], secretName: 'shop-tls' }],
    rules: [
      {
        host: 'shop.example',
        http: {
          paths: [
            {
              path: '/',
              pathType: 'Prefix',
              backend: { service: { name: 'web', port: { name: 'http' } } },
            },
            {
              path: '/gone',
              pathType: 'Exact',
              backend: { service: { name: 'gone', port: { number: 80 } } },
            },
          ],
        },
      },
    ],
  },
  status: { loadBalancer: { ingress: [{ ip: '127.0.0.1' }] } },
};

/** A word that no output may ever hold. */
export const secretWord = 'c2VzYW1l';

const secret: Secret = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: {
    name: 'shop-tls',
    namespace: 'default',
    annotations: { 'kubectl.kubernetes.io/last-applied-configuration': secretWord },
  },
  type: 'kubernetes.io/tls',
  data: { 'tls.crt': secretWord, 'tls.key': secretWord },
};

const objects: readonly AnyObject[] = [
  web,
  balanced,
  elsewhere,
  webSlice,
  webHealth,
  webPod,
  ingress,
  secret,
  {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IngressClass',
    metadata: { name: 'portolan' },
    spec: { controller: 'portolan.dev/ingress' },
  },
  {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'edge', labels: { 'topology.kubernetes.io/zone': 'a' } },
    status: {
      addresses: [{ type: 'InternalIP', address: '192.0.2.1' }],
      conditions: [{ type: 'Ready', status: 'True' }],
    },
  },
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } },
  {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'settings', namespace: 'default' },
    data: { a: '1', b: '2' },
  },
];

const webPort: ServicePort = {
  key: 'default/web:http/TCP/IPv4',
  namespace: 'default',
  name: 'web',
  portName: 'http',
  protocol: 'TCP',
  family: 'IPv4',
  clusterIP: '127.96.0.10',
  port: 80,
  nodePort: 30_080,
  externalIPs: [],
  loadBalancerIPs: [],
  loadBalancerSourceRanges: [],
  internalPolicy: 'Cluster',
  externalPolicy: 'Cluster',
  affinity: { kind: 'None' },
  algorithm: 'round-robin',
  clusterEndpoints: [],
  localEndpoints: [],
  hasAnyEndpoint: true,
  unusedEndpoints: [],
  healthCheckNodePort: 0,
  localReadyCount: 0,
};

const shopRef = { kind: 'Ingress', namespace: 'default', name: 'shop' };

const routes: RouteTable = {
  generation: 1,
  hosts: new Map<string, HostRoutes>([
    [
      'shop.example',
      {
        host: 'shop.example',
        defaultBackend: undefined,
        httpsRedirect: true,
        certificate: 'default/shop-tls',
        tls: true,
        routes: [
          {
            id: 'a',
            path: '/gone',
            pathType: 'Exact',
            match: { kind: 'exact', path: '/gone' },
            backend: { kind: 'unavailable', status: 503, reason: 'no such Service' },
            httpsRedirect: true,
            filters: [],
            options: undefined,
            ingress: shopRef,
          },
          {
            id: 'b',
            path: '/',
            pathType: 'Prefix',
            match: { kind: 'prefix', path: '' },
            backend: { kind: 'pool', pool: 'default/web:http' },
            httpsRedirect: true,
            filters: [],
            options: undefined,
            ingress: shopRef,
          },
        ],
      },
    ],
  ]),
  pools: new Map([
    [
      'default/web:http',
      {
        key: 'default/web:http',
        namespace: 'default',
        service: 'web',
        port: 'http',
        algorithm: 'round-robin',
        protection: usualProtection,
        protocol: 'http',
        endpoints: [{ address: '10.0.0.1', port: 8080, weight: 1 }],
      },
    ],
  ]),
  certificates: new Map([
    [
      'default/shop-tls',
      {
        id: 'default/shop-tls',
        fingerprint: 'f',
        certificatePem: secretWord,
        privateKeyPem: secretWord,
        serverNames: ['shop.example'],
        notAfterMs: Date.UTC(2027, 0, 1),
      },
    ],
  ]),
  defaultBackend: undefined,
};
