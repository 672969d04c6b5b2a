import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Bed, vip } from './bed.ts';
import { startDaemon } from './daemon.ts';

const backendPort = 9000;
const beforeMs = 3000;
const afterMs = 5000;

/** What a client of the ingress behind a virtual IP sees when the node that holds it goes. */
export interface IngressFailover {
  readonly event: 'power cut' | 'graceful stop';
  readonly answered: number;
  /** Answered with another status than 200. */
  readonly refused: number;
  /** Connections reset or closed without an answer. */
  readonly errors: number;
  /** Given up after a second. */
  readonly timeouts: number;
  /** The longest time without any answer. */
  readonly silentMs: number;
}

/** Two nodes, each with VIP and ingress, a backend beside the client; the first node goes. */
export async function measureIngressFailover(
  event: IngressFailover['event'],
): Promise<IngressFailover> {
  using bed = new Bed();
  const backend = bed.run(3, process.execPath, path('http-backend.ts'), String(backendPort));
  await new Promise((resolve) => backend.stdout?.once('data', resolve));
  const [first] = [
    await startDaemon(bed, 1, manifest(), '--proxy-mode', 'none'),
    await startDaemon(bed, 2, manifest(), '--proxy-mode', 'none'),
  ];
  // The first is Active by now, or takes it over from the second.
  await sleep(1500);
  const duration = String(beforeMs + afterMs);
  const load = bed.run(3, process.execPath, path('http-load.ts'), `http://${vip}:8081/`, duration);
  if (!load.stdout) throw new Error('its output is piped');
  const lines = createInterface({ input: load.stdout })[Symbol.asyncIterator]();
  await lines.next();
  await sleep(beforeMs);
  if (event === 'power cut') bed.connect(1, false);
  else first?.kill('SIGTERM');
  const { value } = await lines.next();
  return { event, ...(JSON.parse(String(value)) as Omit<IngressFailover, 'event'>) };
}

const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

function manifest(): string {
  return `apiVersion: portolan.dev/v1alpha1
kind: VirtualIP
metadata: { name: front }
spec:
  interface: eth0
  addresses: [${vip}/24]
  virtualRouterID: 51
  advertInterval: 100ms
  nodes:
    - { name: node-1, priority: 200 }
    - { name: node-2, priority: 100 }
  track:
    - plane: Ingress
---
apiVersion: v1
kind: Service
metadata: { name: web, namespace: default }
spec: { ports: [{ port: 80, targetPort: ${backendPort} }] }
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata:
  name: web-1
  namespace: default
  labels: { kubernetes.io/service-name: web }
addressType: IPv4
ports: [{ port: ${backendPort} }]
endpoints: [{ addresses: [10.9.0.3] }]
---
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: { name: portolan }
spec: { controller: portolan.dev/ingress }
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: web, namespace: default }
spec:
  ingressClassName: portolan
  rules:
    - http:
        paths:
          - { path: /, pathType: Prefix, backend: { service: { name: web, port: { number: 80 } } } }
`;
}
