import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { BenchContext } from '../bench.ts';
import { textTable } from '../text-table.ts';
import { until } from '../until.ts';
import { type HeldStream, openHeldStreams } from './held-clients.ts';
import { namespace } from './manifest.ts';
import type { Outcome, Scenario } from './outcome.ts';
import { Scene } from './scene.ts';
import { StreamServers } from './stream-servers.ts';

const hosts = { http: 'streams.localhost', grpc: 'grpc.localhost' } as const;
const everyMs = 50;

/** A WebSocket, an SSE stream and a gRPC stream stay open while their routes change. */
export const heldStreams: Scenario = { name: 'held-streams', run };

async function run({ quick, print }: BenchContext): Promise<Outcome> {
  using servers = new DisposableStack();
  const endpoints = servers.use(await StreamServers.start());
  await using scene = await Scene.start(1);
  const file = join(scene.folder, 'streams.yaml');
  writeFileSync(file, manifest(endpoints, []));
  const at = scene.ingressAddress;
  await until('the streams are served', async () => {
    const tried = await openHeldStreams(at, hosts).catch(() => []);
    for (const one of tried) one[Symbol.dispose]();
    return tried.length > 0;
  });
  const held = await openHeldStreams(at, hosts);
  for (const one of held) servers.use(one);
  const timer = setInterval(() => {
    for (const one of held) if (one.ended === undefined) one.send();
  }, everyMs);
  servers.defer(() => clearInterval(timer));
  await delay(quick ? 300 : 1_000);
  const before = held.map(({ received }) => received);
  const generation = (await scene.daemon.applied()).compiled.ingress;
  writeFileSync(file, manifest(endpoints, ['/more', '/still-more']));
  await until('routes are compiled anew', async () => {
    return (await scene.daemon.applied()).compiled.ingress > generation;
  });
  await scene.settled();
  const atChange = held.map(({ received }) => received);
  await delay(quick ? 500 : 2_000);
  print('\n(e) streams held open while their routes change');
  const rows = held.map(({ name, received, ended }, index) => [
    name,
    before[index] ?? 0,
    received - (atChange[index] ?? 0),
    ended ?? 'open',
  ]);
  print(textTable(['stream', 'parts before', 'after', 'state'], rows));
  const failures = held.flatMap((one, index) => failuresOf(one, atChange[index] ?? 0));
  return { figures: { rows }, failures, missed: [] };
}

function failuresOf({ name, ended, received }: HeldStream, atChange: number): readonly string[] {
  if (ended !== undefined) return [`${name} ended: ${ended}`];
  return received === atChange ? [`${name} brought nothing after the change`] : [];
}

/** Two hosts, each with a Service of one endpoint; `more` are paths beside `/`. */
function manifest({ httpPort, grpcPort }: StreamServers, more: readonly string[]): string {
  return [
    site('streams', hosts.http, httpPort, undefined, more),
    site('grpc', hosts.grpc, grpcPort, 'kubernetes.io/h2c', more),
  ].join('---\n');
}

function site(
  name: string,
  host: string,
  port: number,
  appProtocol: string | undefined,
  more: readonly string[],
): string {
  const protocol = appProtocol === undefined ? '' : `, appProtocol: ${appProtocol}`;
  const backend = `backend: { service: { name: ${name}, port: { name: http } } }`;
  const rows = ['/', ...more].map(
    (path) => `          - { path: ${path}, pathType: Prefix, ${backend} }\n`,
  );
  return `apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: ${namespace} }
spec: { ports: [{ name: http, port: 8080${protocol} }] }
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata:
  name: ${name}-1
  namespace: ${namespace}
  labels: { kubernetes.io/service-name: ${name} }
addressType: IPv4
endpoints: [{ addresses: ['127.0.0.1'] }]
ports: [{ name: http, port: ${port} }]
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: ${name}, namespace: ${namespace} }
spec:
  ingressClassName: portolan
  rules:
    - host: ${host}
      http:
        paths:
${rows.join('')}`;
}
