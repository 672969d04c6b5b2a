import { writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import type { BenchContext } from '../bench.ts';
import { type Applied, BenchDaemon, ownServiceCidr } from '../daemon.ts';
import { temporaryFolder } from '../leftovers.ts';
import { CountingServer } from './server.ts';

function isAppliedByAll({ compiled, workers }: Applied): boolean {
  return workers.every(({ applied }) => applied.ingress === compiled.ingress);
}

/** One request of a case. */
export interface Asking {
  readonly host: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** A connection of its own; default: one that is kept. */
  readonly isAlone?: boolean;
}

export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly cookie: string;
  readonly seconds: number;
}

/** What a case found out. */
export interface Finding {
  readonly figures: unknown;
  readonly failures: readonly string[];
}

/** A daemon with two workers that serves what cases write. */
export class Scene implements AsyncDisposable {
  readonly context: BenchContext;
  readonly #resources = new AsyncDisposableStack();
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 32 });
  readonly #folder: string;
  #daemon: BenchDaemon | undefined;

  constructor(context: BenchContext) {
    this.context = context;
    this.#folder = this.#resources.use(temporaryFolder()).path;
    this.#resources.defer(() => this.#agent.destroy());
  }

  async start(): Promise<void> {
    const adopted = ['--ingress-classes', 'k8s.io/ingress-nginx'];
    const flags = ['-f', this.#folder, '--service-cidr', ownServiceCidr(), '--workers', '2'];
    this.#daemon = this.#resources.use(await BenchDaemon.start([...flags, ...adopted]));
  }

  /** An endpoint that ends with the scene. */
  async server(
    name: string,
    answer?: ConstructorParameters<typeof CountingServer>[1],
  ): Promise<CountingServer> {
    return this.#resources.use(await new CountingServer(name, answer).listen());
  }

  /** Writes a Service with these endpoints on loopback. */
  service(name: string, ports: readonly number[]): void {
    const slices = ports.map((port) => ({
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name: `${name}-${port}`, labels: { 'kubernetes.io/service-name': name } },
      addressType: 'IPv4',
      ports: [{ name: 'http', port }],
      endpoints: [{ addresses: ['127.0.0.1'] }],
    }));
    const spec = { ports: [{ name: 'http', port: 80 }] };
    const service = { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec };
    this.#write(`service-${name}`, [service, ...slices]);
  }

  /** Writes an Ingress of class nginx for everything under `host`. */
  ingress(
    name: string,
    host: string,
    service: string,
    annotations: Readonly<Record<string, string>>,
  ): void {
    const keyed = Object.fromEntries(
      Object.entries(annotations).map(([key, value]) => [
        `nginx.ingress.kubernetes.io/${key}`,
        value,
      ]),
    );
    const backend = { service: { name: service, port: { number: 80 } } };
    const paths = [{ path: '/', pathType: 'Prefix', backend }];
    const spec = { ingressClassName: 'nginx', rules: [{ host, http: { paths } }] };
    const metadata = { name, annotations: keyed };
    const ingress = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata, spec };
    this.#write(`ingress-${name}`, [ingress]);
  }

  /** Waits until both workers have what was written. */
  async settle(host: string, isThere: (answer: Answer) => boolean): Promise<void> {
    const daemon = this.#daemon;
    if (!daemon) throw new Error('the scene has not started');
    const until = performance.now() + 20_000;
    while (!isThere(await this.ask({ host, isAlone: true }))) {
      if (performance.now() > until) throw new Error(`${host} is not served in time`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    while (!isAppliedByAll(await daemon.applied()) && performance.now() < until) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async ask({ host, headers = {}, isAlone = false }: Asking): Promise<Answer> {
    const port = Number(this.#daemon?.addresses['http']?.split(':').at(-1));
    const began = performance.now();
    return await new Promise((resolve, reject) => {
      const agent = isAlone ? false : this.#agent;
      const asking = request(
        { host: '127.0.0.1', port, agent, headers: { host, ...headers } },
        (response) => {
          let body = '';
          response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
          response.on('error', reject);
          response.on('end', () =>
            resolve({
              status: response.statusCode ?? 0,
              body,
              cookie: response.headers['set-cookie']?.[0]?.split(';')[0] ?? '',
              seconds: (performance.now() - began) / 1000,
            }),
          );
        },
      );
      asking.setTimeout(20_000, () => asking.destroy(new Error('no answer in 20 s')));
      asking.on('error', reject);
      asking.end();
    });
  }

  /** Many requests, 16 at a time. */
  async askMany(count: number, asking: (index: number) => Asking): Promise<readonly Answer[]> {
    const answers: Answer[] = [];
    let next = 0;
    const client = async (): Promise<void> => {
      while (next < count) {
        next += 1;
        answers.push(await this.ask(asking(next - 1)));
      }
    };
    await Promise.all(Array.from({ length: 16 }, client));
    return answers;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#resources.disposeAsync();
  }

  #write(name: string, objects: readonly unknown[]): void {
    const text = objects.map((one) => JSON.stringify(one)).join('\n---\n');
    writeFileSync(join(this.#folder, `${name}.yaml`), text);
  }
}
