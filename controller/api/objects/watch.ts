import type { ServerResponse } from 'node:http';
import type { KubeObject } from '../../objects/index.ts';
import type { ObjectEvent } from '../../store/index.ts';
import { StoreError } from '../../store/index.ts';
import { type Representation, representationOf } from '../request/representation.ts';
import { booleanParameter } from '../request/target.ts';
import { type ApiContext, type ResourceRequest, subjectOf } from '../server/context.ts';
import { ApiError, asApiError, badRequest, statusOf } from '../status.ts';
import { apiVersionOf } from '../resources/resource.ts';
import { columnsOf } from '../table/columns.ts';
import { partial, tableOf } from '../table/table.ts';
import { encodeEvent, encodeEvents, inVersion } from './encode.ts';

/**
 * A watcher that has not read this much is dropped: it lists again when it is back, and costs
 * nobody else anything meanwhile. Twice the largest object that is accepted, and more than the
 * initial events of a small cluster.
 */
const maxUnreadBytes = 8 * 1024 * 1024;

/** As the API server: watches end after 30–60 minutes, so that clients spread over servers. */
const shortestWatchSec = 30 * 60;
const longestWatchSec = 24 * 60 * 60;

/** Streams changes until the client leaves, its time is over, or it falls too far behind. */
export class WatchStream implements Disposable {
  readonly #context: ApiContext;
  readonly #request: ResourceRequest;
  readonly #response: ServerResponse;
  readonly #representation: Representation;
  readonly #ends = new DisposableStack();
  readonly #bookmarks: boolean;
  #sentColumns = false;

  /** @throws ApiError for parameters that mean nothing */
  constructor(context: ApiContext, request: ResourceRequest, response: ServerResponse) {
    this.#context = context;
    this.#request = request;
    this.#response = response;
    this.#representation = representationOf(request.accept, request.parameters);
    this.#bookmarks = booleanParameter(request.parameters, 'allowWatchBookmarks');
    const timeoutSec = readTimeout(request.parameters, context);
    const options = watchOptions(request, context);
    // Ends with its connection: chunks would frame each event anew for each watcher.
    response.useChunkedEncodingByDefault = false;
    response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' });
    response.flushHeaders();
    response.once('close', () => this[Symbol.dispose]());
    this.#ends.use(context.clock.schedule(timeoutSec * 1000, () => response.end()));
    try {
      this.#ends.use(context.objects.watch(options, (events) => this.#tell(events)));
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      this.#fail(asApiError(error, subjectOf(request)) ?? badRequest(error.message));
    }
  }

  /** Ends the stream; the client will watch again. */
  [Symbol.dispose](): void {
    this.#ends.dispose();
    if (!this.#response.writableEnded) this.#response.end();
  }

  #tell(events: readonly ObjectEvent[]): void {
    if (this.#response.destroyed || this.#response.writableEnded) return;
    // The end of the initial list is told to those who know what it means.
    const told = events.filter(({ type }) => type !== 'BOOKMARK' || this.#bookmarks);
    if (told.length === 0) return;
    this.#response.write(this.#encoded(told));
    if (this.#response.writableLength <= maxUnreadBytes) return;
    const { user, resource } = this.#request;
    this.#context.log.warn({ user: user.name, resource: resource.plural }, 'slow watcher dropped');
    this.#response.destroy();
  }

  /** Plain objects are told in bytes that all their watchers share. */
  #encoded(events: readonly ObjectEvent[]): string | Buffer {
    const changes = events.filter((event) => event.type !== 'BOOKMARK');
    if (this.#representation.kind === 'object' && changes.length === events.length) {
      return encodeEvents(changes, this.#request.resource);
    }
    return events.map((event) => this.#line(event)).join('');
  }

  #line(event: ObjectEvent): string {
    if (event.type === 'BOOKMARK') return `${this.#bookmark(event)}\n`;
    const { resource } = this.#request;
    const { type, object } = event;
    if (this.#representation.kind === 'object') {
      return encodeEvent(event, resource);
    }
    return `${JSON.stringify({ type, object: this.#represented(object) })}\n`;
  }

  #represented(object: KubeObject): object {
    const { resource } = this.#request;
    const representation = this.#representation;
    if (representation.kind !== 'table') return partial(object);
    const withColumns = !this.#sentColumns;
    this.#sentColumns = true;
    const { resourceVersion } = object.metadata;
    const nowMs = this.#context.clock.wallMs();
    const options = { ...representation, columns: columnsOf(resource), nowMs, withColumns };
    return tableOf([inVersion(object, resource)], { resourceVersion }, options);
  }

  #bookmark(event: ObjectEvent & { readonly type: 'BOOKMARK' }): string {
    const { resource } = this.#request;
    const { resourceVersion, initialEventsEnd } = event;
    const annotations = { 'k8s.io/initial-events-end': 'true' };
    const metadata = { resourceVersion, ...(initialEventsEnd && { annotations }) };
    const object = { kind: resource.kind, apiVersion: apiVersionOf(resource), metadata };
    return JSON.stringify({ type: 'BOOKMARK', object });
  }

  #fail(error: ApiError): void {
    this.#response.end(`${JSON.stringify({ type: 'ERROR', object: statusOf(error) })}\n`);
  }
}

function watchOptions(
  { resource, target, parameters }: ResourceRequest,
  context: ApiContext,
): Parameters<ApiContext['objects']['watch']>[0] {
  const version = parameters.get('resourceVersion') ?? '';
  const wantsInitial = booleanParameter(parameters, 'sendInitialEvents');
  if (wantsInitial && parameters.get('resourceVersionMatch') !== 'NotOlderThan') {
    throw badRequest('sendInitialEvents needs resourceVersionMatch=NotOlderThan');
  }
  if (wantsInitial && Number(version) > Number(context.objects.resourceVersion)) {
    const message = `Too large resource version: ${version}`;
    throw new ApiError(504, 'Timeout', message, { retryAfterSeconds: 1 });
  }
  const { namespace, name } = target;
  const fields = parameters.get('fieldSelector') ?? '';
  const ownName = name === '' ? [] : [`metadata.name=${name}`];
  const isNumber = version !== '' && version !== '0';
  const initial = wantsInitial || (!isNumber && !parameters.has('sendInitialEvents'));
  return {
    types: [resource.type],
    ...(namespace !== '' && { namespace }),
    labelSelector: parameters.get('labelSelector') ?? '',
    fieldSelector: [...ownName, ...(fields === '' ? [] : [fields])].join(','),
    // Without a version a watch begins with what is there.
    sendInitialEvents: initial,
    ...(isNumber && { resourceVersion: version }),
    allowWatchBookmarks: booleanParameter(parameters, 'allowWatchBookmarks'),
  };
}

function readTimeout(parameters: URLSearchParams, { random }: ApiContext): number {
  const text = parameters.get('timeoutSeconds') ?? '';
  if (text === '' || text === '0') return Math.round(shortestWatchSec * (1 + random()));
  if (!/^\d{1,9}$/.test(text)) throw badRequest(`timeoutSeconds: write a number, not "${text}"`);
  return Math.min(Number(text), longestWatchSec);
}
