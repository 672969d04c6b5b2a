import type { KubeObject } from '../../objects/index.ts';
import type { ListOptions } from '../../store/index.ts';
import { type ApiContext, jsonReply, type Reply, type ResourceRequest } from '../server/context.ts';
import { ApiError, badRequest } from '../status.ts';
import { representationOf } from '../request/representation.ts';
import { apiVersionOf } from '../resources/resource.ts';
import { columnsOf } from '../table/columns.ts';
import { partial, tableOf } from '../table/table.ts';
import { encodeObject, inVersion } from './encode.ts';
import { objectsAt } from './snapshot.ts';

/** The objects that a list, or a deletion of many, is about. */
export function selected(context: ApiContext, request: ResourceRequest): readonly KubeObject[] {
  return context.objects.list(request.resource.type, selectionOf(request)).items;
}

function selectionOf({ target, parameters }: ResourceRequest): ListOptions {
  return {
    ...(target.namespace !== '' && { namespace: target.namespace }),
    labelSelector: parameters.get('labelSelector') ?? '',
    fieldSelector: parameters.get('fieldSelector') ?? '',
  };
}

/** `GET` of all objects of a resource, in one namespace or in all. */
export async function listObjects(context: ApiContext, request: ResourceRequest): Promise<Reply> {
  const { resource, parameters } = request;
  checkVersion(context, parameters);
  const from = readContinue(parameters.get('continue'));
  const version = from?.resourceVersion ?? context.objects.resourceVersion;
  const all = await objectsAt(context, resource.type, selectionOf(request), version);
  const page = pageOf(all, parameters, version, from?.after);
  const metadata = {
    resourceVersion: page.resourceVersion,
    ...(page.continueAt !== undefined && { continue: page.continueAt }),
    ...(page.remaining !== undefined && { remainingItemCount: page.remaining }),
  };
  const representation = representationOf(request.accept, parameters);
  switch (representation.kind) {
    case 'table': {
      const items = page.items.map((one) => inVersion(one, resource));
      const nowMs = context.clock.wallMs();
      const options = { ...representation, columns: columnsOf(resource), nowMs };
      return jsonReply(tableOf(items, metadata, options));
    }
    case 'metadata':
      return jsonReply({
        kind: 'PartialObjectMetadataList',
        apiVersion: 'meta.k8s.io/v1',
        metadata,
        items: page.items.map(partial),
      });
    case 'object': {
      const head = JSON.stringify({
        kind: `${resource.kind}List`,
        apiVersion: apiVersionOf(resource),
        metadata,
      });
      const items = page.items.map((one) => encodeObject(one, resource)).join(',');
      const body = `${head.slice(0, -1)},"items":[${items}]}\n`;
      return { status: 200, contentType: 'application/json', body };
    }
    default:
      return representation satisfies never;
  }
}

interface Page {
  readonly items: readonly KubeObject[];
  readonly resourceVersion: string;
  readonly continueAt: string | undefined;
  readonly remaining: number | undefined;
}

/**
 * `limit` and `continue`. Every page says the version of the first, so that a watch from there
 * tells all that changed since.
 */
function pageOf(
  all: readonly KubeObject[],
  parameters: URLSearchParams,
  resourceVersion: string,
  after: readonly [string, string] | undefined,
): Page {
  const limit = readLimit(parameters.get('limit'));
  const rest = after === undefined ? all : all.slice(firstAfter(all, after));
  if (limit === 0 || rest.length <= limit) {
    return { items: rest, resourceVersion, continueAt: undefined, remaining: undefined };
  }
  const items = rest.slice(0, limit);
  const last = items.at(-1);
  const token = { v: resourceVersion, after: last === undefined ? ['', ''] : sortKey(last) };
  const hasSelector = parameters.get('labelSelector') || parameters.get('fieldSelector');
  return {
    items,
    resourceVersion,
    continueAt: Buffer.from(JSON.stringify(token)).toString('base64url'),
    // Kubernetes leaves it out with selectors, since it would have to look at all the rest.
    remaining: hasSelector ? undefined : rest.length - limit,
  };
}

function sortKey({ metadata }: KubeObject): readonly [string, string] {
  return [metadata.namespace ?? '', metadata.name];
}

function firstAfter(
  all: readonly KubeObject[],
  [namespace, name]: readonly [string, string],
): number {
  const index = all.findIndex((one) => {
    const key = sortKey(one);
    return key[0] > namespace || (key[0] === namespace && key[1] > name);
  });
  return index < 0 ? all.length : index;
}

function readLimit(text: string | null): number {
  if (text === null || text === '') return 0;
  if (!/^\d{1,9}$/.test(text)) throw badRequest(`limit: write a number, not "${text}"`);
  return Number(text);
}

function readContinue(
  text: string | null,
): { readonly resourceVersion: string; readonly after: readonly [string, string] } | undefined {
  if (text === null || text === '') return undefined;
  try {
    const token: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
    const { v, after } = token as { readonly v?: unknown; readonly after?: unknown };
    if (typeof v === 'string' && Array.isArray(after)) {
      const [namespace, name] = after as readonly unknown[];
      if (typeof namespace === 'string' && typeof name === 'string') {
        return { resourceVersion: v, after: [namespace, name] };
      }
    }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw badRequest('continue: this is no token of a list; leave it out to begin again');
}

/** `resourceVersion` and `resourceVersionMatch` of a list: only the present is here to be read. */
function checkVersion({ objects }: ApiContext, parameters: URLSearchParams): void {
  const text = parameters.get('resourceVersion') ?? '';
  const match = parameters.get('resourceVersionMatch') ?? '';
  if (match !== '' && text === '' && parameters.get('continue') === null) {
    throw badRequest('resourceVersionMatch is forbidden unless resourceVersion is provided');
  }
  if (!['', 'Exact', 'NotOlderThan'].includes(match)) {
    throw badRequest(`resourceVersionMatch: write Exact or NotOlderThan, not "${match}"`);
  }
  if (text === '' || text === '0') return;
  if (!/^\d{1,15}$/.test(text)) throw badRequest(`resourceVersion: "${text}" is no version`);
  const now = Number(objects.resourceVersion);
  if (Number(text) > now) {
    const message = `Too large resource version: ${text}, current: ${now}`;
    throw new ApiError(504, 'Timeout', message, { retryAfterSeconds: 1 });
  }
  if (match === 'Exact' && Number(text) < now) {
    throw new ApiError(410, 'Expired', `The provided resourceVersion ${text} is no longer kept`);
  }
}
