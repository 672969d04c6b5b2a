import { createServer, type Server, type ServerResponse } from 'node:http';
import { describeError, type Problem, type ProblemSink } from '../../../controller/base/index.ts';
import type { ServiceDiff, ServicePort, ServiceTable } from '../../compile/table.ts';
import type { SyncObserver } from './sync-observer.ts';

export interface HealthCheckPortsOptions {
  readonly problems: ProblemSink;
  /** Addresses of this node to listen on, of either family: where NodePorts are served. */
  readonly addresses: () => readonly string[];
  /** False while rules cannot be kept up to date. */
  readonly isHealthy: () => boolean;
}

interface HealthCheck {
  readonly namespace: string;
  readonly name: string;
  readonly servers: Server[];
  /** By `ServicePort.key`: ready local endpoints. Families and ports of one Service agree. */
  readonly counts: Map<string, number>;
}

const problemSource = 'proxy/health-check-ports';

/**
 * Answers cloud balancers on each `healthCheckNodePort`: 200 while this node has a ready endpoint
 * of the Service. Endpoints that terminate do not count: traffic still flows to them, and the
 * balancer already looks elsewhere.
 */
export class HealthCheckPorts implements SyncObserver {
  readonly #options: HealthCheckPortsOptions;
  readonly #checks = new Map<number, HealthCheck>();
  readonly #failed = new Map<number, Problem>();
  #changing: Promise<void> = Promise.resolve();

  constructor(options: HealthCheckPortsOptions) {
    this.#options = options;
  }

  synced(_: ServiceTable, diff: ServiceDiff, before: ReadonlyMap<string, ServicePort>): void {
    for (const port of before.values()) this.#forget(port);
    for (const port of diff.upserted) this.#note(port);
    this.#changing = this.#changing.then(() => this.#openAndClose());
  }

  /** Resolves when every port listens that can. */
  async settled(): Promise<void> {
    await this.#changing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const check of this.#checks.values()) check.counts.clear();
    await this.#changing;
    await this.#openAndClose();
    this.#options.problems.replace(problemSource, []);
  }

  #forget({ healthCheckNodePort, key }: ServicePort): void {
    this.#checks.get(healthCheckNodePort)?.counts.delete(key);
  }

  #note({ healthCheckNodePort, key, namespace, name, localReadyCount }: ServicePort): void {
    if (healthCheckNodePort === 0) return;
    const known = this.#checks.get(healthCheckNodePort);
    const check =
      known?.namespace === namespace && known.name === name
        ? known
        : { namespace, name, servers: known?.servers ?? [], counts: new Map<string, number>() };
    this.#checks.set(healthCheckNodePort, check);
    check.counts.set(key, localReadyCount);
  }

  async #openAndClose(): Promise<void> {
    for (const [port, check] of this.#checks) {
      if (check.counts.size === 0) {
        this.#checks.delete(port);
        this.#failed.delete(port);
        for (const server of check.servers) await close(server);
      } else if (check.servers.length === 0) {
        await this.#open(port, check);
      }
    }
    this.#options.problems.replace(problemSource, [...this.#failed.values()]);
  }

  /** Tried again at the next sync if it fails. */
  async #open(port: number, check: HealthCheck): Promise<void> {
    this.#failed.delete(port);
    for (const address of this.#options.addresses()) {
      const server = createServer((_, response) => this.#answer(port, response));
      try {
        await listen(server, address, port);
        check.servers.push(server);
      } catch (error) {
        this.#failed.set(port, {
          severity: 'error',
          reason: 'FailedToStartServiceHealthcheck',
          message: `${address}:${port} can't be listened on (${describeError(error)}); balancers take this node for unhealthy`,
          instead: 'free the port, or choose another healthCheckNodePort',
          object: {
            kind: 'Service',
            namespace: check.namespace,
            name: check.name,
            field: 'spec.healthCheckNodePort',
          },
        });
      }
    }
  }

  #answer(port: number, response: ServerResponse): void {
    const check = this.#checks.get(port);
    const localEndpoints = Math.max(0, ...(check?.counts.values() ?? []));
    const serviceProxyHealthy = this.#options.isHealthy();
    const service = { namespace: check?.namespace ?? '', name: check?.name ?? '' };
    response.writeHead(localEndpoints > 0 && serviceProxyHealthy ? 200 : 503, {
      'Content-Type': 'application/json',
      'X-Content-Type-Options': 'nosniff',
      'X-Load-Balancing-Endpoint-Weight': String(localEndpoints),
    });
    response.end(JSON.stringify({ service, localEndpoints, serviceProxyHealthy }, undefined, '\t'));
  }
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => resolve());
  });
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise<void>((resolve) => server.close(() => resolve()));
}
