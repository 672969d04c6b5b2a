import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { Problem } from '../../../controller/base/index.ts';
import type { ConfigMap, Ingress, Secret } from '../../../controller/objects/index.ts';
import {
  createWireEngine,
  type Route,
  type RouteCompilerOptions,
  type RouteTable,
} from '../../../ingress/index.ts';
import {
  ingress,
  path,
  rule,
  service,
  slice,
  startCompiler,
  upserted,
} from '../compile/objects.ts';
import { exchange, parse, type Rig, rigWith, startRig } from '../engines/compat/rig.ts';

rigWith(createWireEngine);

export const prefix = 'nginx.ingress.kubernetes.io/';

/** Annotations under ingress-nginx's prefix. */
export type Annotations = Readonly<Record<string, string>>;

/** The Ingress of most tests: `app.test` with one path, in class nginx. */
export function annotated(
  annotations: Annotations,
  over: {
    readonly name?: string;
    readonly path?: string;
    readonly pathType?: 'Exact' | 'Prefix' | 'ImplementationSpecific';
    readonly host?: string;
    readonly service?: string;
    readonly tls?: true;
  } = {},
): Ingress {
  const { name = 'web', host = 'app.test', pathType = 'Prefix' } = over;
  const one = path(over.path ?? '/', over.service ?? 'app', pathType);
  const keyed = Object.entries(annotations).map(([key, value]) => [prefix + key, value]);
  return ingress(
    name,
    {
      ingressClassName: 'nginx',
      ...rule(host, one),
      ...(over.tls && { tls: [{ hosts: [host] }] }),
    },
    { annotations: Object.fromEntries(keyed) as Annotations },
  );
}

/** Objects beside the Ingresses. */
export interface Others {
  readonly secrets?: readonly Secret[];
  readonly configMaps?: readonly ConfigMap[];
  /** Port on 127.0.0.1 of each Service's one endpoint; 0: it has none. */
  readonly services?: Readonly<Record<string, number>>;
  readonly options?: Partial<RouteCompilerOptions>;
}

export interface Compiled {
  readonly table: RouteTable;
  readonly problems: readonly Problem[];
}

/** Compiles as the daemon does where ingress-nginx is adopted. */
export function compiled(ingresses: readonly Ingress[], others: Others = {}): Compiled {
  const { secrets = [], configMaps = [], services = { app: 8080 }, options } = others;
  const { update } = startCompiler({ classes: ['k8s.io/ingress-nginx'], ...options });
  const bundles = Object.entries(services).map(([name, port]) => ({
    service: service(name, [{ port: 80, targetPort: port || 1 }], { clusterIP: '127.0.0.1' }),
    slices: port === 0 ? [] : [slice(name, ['127.0.0.1'], [{ name: '', port }])],
    health: undefined,
  }));
  return update({
    ingresses: upserted(...ingresses),
    secrets: upserted(...secrets),
    configMaps: upserted(...configMaps),
    bundles: upserted(...bundles),
  });
}

/** The one route of `app.test`. */
export function onlyRoute({ table }: Compiled): Route {
  const [route] = table.hosts.get('app.test')?.routes ?? [];
  if (!route) throw new Error('app.test has no route');
  return route;
}

export function configMap(name: string, data: Readonly<Record<string, string>>): ConfigMap {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' }, data };
}

/** An endpoint that says what it got, or what a test has it say. */
export interface Endpoint extends AsyncDisposable {
  readonly port: number;
  readonly requests: readonly Seen[];
}

/** One request as an endpoint got it. */
export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
}

export interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string;
}

/** Starts an HTTP server on a free port. */
export async function startEndpoint(reply: (seen: Seen) => Reply = () => ({})): Promise<Endpoint> {
  const requests: Seen[] = [];
  const server: Server = createServer((request, response) => {
    const { method = '', url = '', headers } = request;
    const seen = { method, url, headers };
    requests.push(seen);
    request.resume().on('end', () => {
      const { status = 200, headers: fields = {}, body = `saw ${url}` } = reply(seen);
      for (const [name, value] of Object.entries(fields)) response.setHeader(name, value);
      response.setHeader('Content-Length', body.length);
      response.writeHead(status).end(body);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not a TCP server');
  return {
    port: address.port,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** What a client got. */
export interface Answer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  /** Every Set-Cookie. */
  readonly cookies: readonly string[];
  readonly body: string;
}

/** An engine with compiled objects. */
export interface Site extends AsyncDisposable {
  readonly rig: Rig;
  readonly problems: readonly Problem[];
  /** Sends one request on a connection of its own. */
  readonly send: (target: string, over?: Sent) => Promise<Answer>;
}

export interface Sent {
  readonly method?: string;
  readonly host?: string;
  readonly fields?: readonly string[];
  readonly body?: string;
}

/** Starts the wire engine with what these objects come to. */
export async function startSite(ingresses: readonly Ingress[], others: Others = {}): Promise<Site> {
  const { table, problems } = compiled(ingresses, others);
  const rig = await startRig(table);
  return {
    rig,
    problems,
    send: (target, over) => send(rig.port, target, over),
    [Symbol.asyncDispose]: () => rig[Symbol.asyncDispose](),
  };
}

/** Sends one request to a port of this machine. */
export async function send(
  port: number,
  target: string,
  { method = 'GET', host = 'app.test', fields = [], body = '' }: Sent = {},
): Promise<Answer> {
  const length = body === '' ? [] : [`Content-Length: ${body.length}`];
  const lines = [
    `${method} ${target} HTTP/1.1`,
    `Host: ${host}`,
    'Connection: close',
    ...length,
    ...fields,
  ];
  const reply = parse(await exchange(port, `${lines.join('\r\n')}\r\n\r\n${body}`));
  const pairs = reply.head
    .split('\r\n')
    .slice(1)
    .flatMap((line) => {
      const colon = line.indexOf(':');
      return colon < 0
        ? []
        : [[line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const];
    });
  return {
    status: reply.status,
    headers: new Map(pairs),
    cookies: pairs.flatMap(([name, value]) => (name === 'set-cookie' ? [value] : [])),
    body: reply.body,
  };
}
