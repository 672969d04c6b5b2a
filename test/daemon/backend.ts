import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';

/** A small HTTP server on loopback that says its own name and can be turned unhealthy or off. */
export class Backend {
  readonly name: string;
  readonly server: Server;
  healthy: boolean = true;
  /** What it was asked, in order. */
  readonly requests: IncomingMessage[] = [];

  constructor(name: string) {
    this.name = name;
    this.server = createServer((request, response) => {
      if (request.url === '/healthz') {
        response.writeHead(this.healthy ? 200 : 500).end();
        return;
      }
      this.requests.push(request);
      request.resume();
      response.end(this.name);
    });
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

/** Starts backends on `127.0.0.1` with free ports; ends them after the test. */
export async function startBackends(
  context: TestContext,
  ...names: readonly string[]
): Promise<Backend[]> {
  return await Promise.all(
    names.map(async (name) => {
      const backend = new Backend(name);
      backend.server.listen(0, '127.0.0.1');
      await once(backend.server, 'listening');
      context.after(async () => {
        if (backend.server.listening) await backend.close();
      });
      return backend;
    }),
  );
}

/** A Service without selector and one EndpointSlice for each backend, since their ports differ. */
export function serviceManifest(
  name: string,
  backends: readonly { readonly name: string; readonly port: number }[],
  annotations: Readonly<Record<string, string>> = {},
  spec: string = '',
): string {
  const service = `apiVersion: v1
kind: Service
metadata:
  name: ${name}
  annotations: ${JSON.stringify(annotations)}
spec:
${spec}  ports:
    - name: http
      port: 80
`;
  const slices = backends.map(
    (backend) => `apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata:
  name: ${name}-${backend.name}
  labels:
    kubernetes.io/service-name: ${name}
addressType: IPv4
ports:
  - name: http
    port: ${backend.port}
endpoints:
  - addresses: ['127.0.0.1']
    hostname: ${backend.name}
`,
  );
  return [service, ...slices].join('---\n');
}

/** An Ingress of our class; each rule is [host, path, service]. */
export function ingressManifest(
  name: string,
  rules: readonly (readonly [host: string, path: string, service: string])[],
  extra: string = '',
): string {
  const lines = rules.map(
    ([host, path, service]) => `    - host: ${host}
      http:
        paths:
          - path: ${path}
            pathType: Prefix
            backend:
              service:
                name: ${service}
                port:
                  name: http
`,
  );
  return `apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata:
  name: portolan
spec:
  controller: portolan.dev/ingress
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: ${name}
spec:
  ingressClassName: portolan
${extra}  rules:
${lines.join('')}`;
}
