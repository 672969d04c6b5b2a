import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AnyObject, KubeObject } from '../../controller/objects/index.ts';
import { collectionPath } from '../../controller/sources/kubernetes/followed-kinds.ts';

type Raw = Record<string, unknown> & { metadata: Record<string, unknown> };
type EventType = 'ADDED' | 'MODIFIED' | 'DELETED';

interface Event {
  readonly version: number;
  readonly collection: string;
  readonly type: EventType;
  readonly object: Raw;
}

/** One request, as the fake saw it. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: unknown;
}

/**
 * As much of a Kubernetes API server as a client of it meets: lists in pages, watches from a
 * version, compare-and-swap, merge patches of status. What a test needs, it can force: versions
 * that are gone, watches that drop, lists that wait, refusals, and an outage.
 */
export class FakeKubernetesApi implements AsyncDisposable {
  readonly requests: SeenRequest[] = [];
  /** Collections that answer 403. */
  readonly forbidden: Set<string> = new Set();
  /** Collections that answer 404, as those without a definition do. */
  readonly absent: Set<string> = new Set();
  /** Lists wait for it. */
  gate: Promise<void> = Promise.resolve();
  readonly #objects = new Map<string, Raw>();
  readonly #watches = new Set<{ collection: string; response: ServerResponse }>();
  #events: Event[] = [];
  #version = 100;
  /** Watches and pages from before are gone. */
  #oldest = 100;
  #server: Server | undefined;
  #port = 0;

  static async start(): Promise<FakeKubernetesApi> {
    const api = new FakeKubernetesApi();
    await api.listen();
    return api;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Watches that are open now. */
  get watches(): number {
    return this.#watches.size;
  }

  /** Starts to answer; after an outage on the same port. */
  async listen(): Promise<void> {
    const server = createServer((request, response) => {
      this.#answer(request, response).catch((error: unknown) => {
        response.destroy(error instanceof Error ? error : undefined);
      });
    });
    server.listen(this.#port, '127.0.0.1');
    await once(server, 'listening');
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  /** An outage: nothing answers, every connection breaks. What is stored stays. */
  async goAway(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (!server) return;
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.goAway();
  }

  /** Creates or replaces an object, as some client would. */
  put(object: AnyObject | KubeObject): void {
    const collection = collectionOf(object);
    const key = `${collection}/${object.metadata.namespace ?? ''}/${object.metadata.name}`;
    const type = this.#objects.has(key) ? 'MODIFIED' : 'ADDED';
    const uid = this.#objects.get(key)?.metadata['uid'] ?? `uid-${object.metadata.name}`;
    this.#store(collection, key, type, { ...object, metadata: { uid, ...object.metadata } });
  }

  delete(object: AnyObject | KubeObject): void {
    const collection = collectionOf(object);
    const key = `${collection}/${object.metadata.namespace ?? ''}/${object.metadata.name}`;
    const last = this.#objects.get(key);
    if (!last) return;
    this.#objects.delete(key);
    this.#record(collection, 'DELETED', last);
  }

  find(path: string, namespace: string, name: string): Raw | undefined {
    return this.#objects.get(`${path}/${namespace}/${name}`);
  }

  /** Every version so far is gone, also for watches that are open: they hear of it and end. */
  expire(): void {
    this.#version += 1;
    this.#oldest = this.#version;
    this.#events = [];
    for (const { response } of this.#watches) {
      response.end(`${JSON.stringify({ type: 'ERROR', object: gone })}\n`);
    }
    this.#watches.clear();
  }

  /** Breaks every watch, in the middle of a line. */
  dropWatches(): void {
    for (const { response } of this.#watches) {
      response.write('{"type":"ADD');
      response.destroy();
    }
    this.#watches.clear();
  }

  /** Sends a bookmark to every watch. */
  bookmark(): void {
    for (const watch of this.#watches) {
      const object = { metadata: { resourceVersion: String(this.#version) } };
      watch.response.write(`${JSON.stringify({ type: 'BOOKMARK', object })}\n`);
    }
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '', this.url);
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString('utf8');
    const body: unknown = text === '' ? undefined : JSON.parse(text);
    const { method = 'GET' } = request;
    this.requests.push({ method, path: url.pathname, query: url.searchParams, body });
    const { collection, namespace, name, subresource } = parsePath(url.pathname);
    if (this.forbidden.has(collection)) return reply(response, 403, 'Forbidden', 'may not');
    if (this.absent.has(collection)) return reply(response, 404, 'NotFound', 'no such resource');
    const isWatch = url.searchParams.get('watch') === 'true';
    if (method === 'GET' && name === '' && isWatch) return this.#watch(url, collection, response);
    if (method === 'GET' && name === '') return await this.#list(url, collection, response);
    const key = `${collection}/${namespace}/${name}`;
    if (method === 'POST') return this.#create(collection, body as Raw, response);
    const existing = this.#objects.get(key);
    if (!existing) return reply(response, 404, 'NotFound', `${name} not found`);
    if (method === 'GET') return send(response, 200, existing);
    if (method === 'PUT') return this.#replace(collection, key, existing, body as Raw, response);
    if (method === 'PATCH') {
      const patch = body as Raw;
      const next = subresource === 'status' ? { status: patch['status'] } : patch;
      const { metadata, ...fields } = next as Raw;
      const merged = { ...existing, ...fields, metadata: { ...existing.metadata, ...metadata } };
      return send(response, 200, this.#store(collection, key, 'MODIFIED', merged));
    }
    reply(response, 405, 'MethodNotAllowed', method);
  }

  async #list(url: URL, collection: string, response: ServerResponse): Promise<void> {
    await this.gate;
    const { searchParams } = url;
    const [version = String(this.#version), start = '0'] =
      searchParams.get('continue')?.split(':') ?? [];
    if (Number(version) < this.#oldest) return reply(response, 410, 'Expired', 'too old');
    const all = [...this.#objects]
      .filter(([key]) => key.startsWith(`${collection}/`))
      .map(([, object]) => object);
    const limit = Number(searchParams.get('limit') ?? 0) || all.length;
    const end = Number(start) + limit;
    const next = end < all.length ? { continue: `${version}:${end}` } : {};
    const items = all.slice(Number(start), end);
    const metadata = { resourceVersion: version, ...next };
    send(response, 200, { kind: 'List', metadata, items: items.length > 0 ? items : null });
  }

  #watch(url: URL, collection: string, response: ServerResponse): void {
    const version = Number(url.searchParams.get('resourceVersion'));
    if (version < this.#oldest) return reply(response, 410, 'Expired', 'too old');
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    const watch = { collection, response };
    this.#watches.add(watch);
    response.once('close', () => this.#watches.delete(watch));
    for (const event of this.#events) if (event.version > version) tell(watch, event);
  }

  #create(collection: string, body: Raw, response: ServerResponse): void {
    const { namespace = '', name } = body.metadata as { namespace?: string; name: string };
    const key = `${collection}/${namespace}/${name}`;
    if (this.#objects.has(key)) return reply(response, 409, 'AlreadyExists', `${name} exists`);
    send(response, 201, this.#store(collection, key, 'ADDED', body));
  }

  #replace(
    collection: string,
    key: string,
    existing: Raw,
    body: Raw,
    response: ServerResponse,
  ): void {
    const seen = body.metadata['resourceVersion'];
    if (seen !== undefined && seen !== existing.metadata['resourceVersion']) {
      return reply(response, 409, 'Conflict', 'it has been modified');
    }
    send(response, 200, this.#store(collection, key, 'MODIFIED', body));
  }

  #store(collection: string, key: string, type: EventType, object: Raw | KubeObject): Raw {
    const stored = { ...object, metadata: { ...object.metadata } } as Raw;
    this.#objects.set(key, stored);
    this.#record(collection, type, stored);
    return stored;
  }

  #record(collection: string, type: EventType, object: Raw): void {
    this.#version += 1;
    object.metadata['resourceVersion'] = String(this.#version);
    const copy = structuredClone(object);
    const event: Event = { version: this.#version, collection, type, object: copy };
    this.#events.push(event);
    for (const watch of this.#watches) tell(watch, event);
  }
}

const gone = { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version' };

function tell(watch: { collection: string; response: ServerResponse }, event: Event): void {
  if (watch.collection !== event.collection) return;
  watch.response.write(`${JSON.stringify({ type: event.type, object: event.object })}\n`);
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

function reply(response: ServerResponse, status: number, reason: string, message: string): void {
  send(response, status, { kind: 'Status', status: 'Failure', code: status, reason, message });
}

function collectionOf(object: KubeObject): string {
  if (object.kind === 'Lease') return '/apis/coordination.k8s.io/v1/leases';
  if (object.kind === 'Event') return '/api/v1/events';
  return collectionPath(object.kind as AnyObject['kind']);
}

/** `/api/v1/namespaces/shop/services/web/status` and the like. */
function parsePath(
  path: string,
): Record<'collection' | 'namespace' | 'name' | 'subresource', string> {
  const parts = path.split('/').slice(1);
  const root = parts.splice(0, parts[0] === 'api' ? 2 : 3).join('/');
  const within = parts[0] === 'namespaces' && parts.length > 2 ? parts.splice(0, 2)[1] : '';
  const [plural = '', name = '', subresource = ''] = parts;
  return { collection: `/${root}/${plural}`, namespace: within ?? '', name, subresource };
}
