import { closest } from '../config/index.ts';
import { describeObject } from './describe/index.ts';
import { findResource, type Resource, resourceInfo, resourceNames } from './resources.ts';
import { views } from './view.ts';
import type { ViewInput } from './view-input.ts';
import { pageOf } from './view-page.ts';
import { withoutNamespace } from './view-table.ts';

/** An answer of the admin address. */
export interface ViewAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/**
 * Where lists are: `/debug/view/RESOURCE?namespace=&name=&objects=true`, and for one page of those
 * rows that contain a text `search=&offset=&limit=`.
 */
export const viewPath = '/debug/view/';
/** Where descriptions are: `/debug/describe/RESOURCE/NAMESPACE/NAME`, `-` as namespace for none. */
export const describePath = '/debug/describe/';

/** Admin path that says what DNS makes of `?name=&type=&client=`. */
export const explainPath = '/debug/explain';

/**
 * Answers a list as JSON `ViewTable`; without `namespace` from every one. 404 in plain text for a
 * resource that is not known or a name that is not there.
 */
export function answerView(url: URL, input: ViewInput): ViewAnswer {
  const written = decode(url.pathname.slice(viewPath.length));
  const resource = findResource(written);
  if (resource === undefined) return unknownResource(written);
  const namespace = url.searchParams.get('namespace') ?? undefined;
  const name = url.searchParams.get('name') ?? undefined;
  const whole = views[resource]({ namespace, name }, input);
  if (name !== undefined && isAbsent(resource, name, namespace, input)) {
    return notFound(resource, name, namespace);
  }
  const { objects, ...table } = namespace === undefined ? whole : withoutNamespace(whole);
  if (url.searchParams.has('limit')) return jsonAnswer(pageOf(whole, url.searchParams));
  const body = url.searchParams.get('objects') === 'true' ? { ...table, objects } : table;
  return jsonAnswer(body);
}

function jsonAnswer(value: unknown): ViewAnswer {
  return { status: 200, contentType: 'application/json', body: `${JSON.stringify(value)}\n` };
}

/** Answers a description in plain text, or 404 and why. */
export function answerDescribe(url: URL, input: ViewInput): ViewAnswer {
  const parts = url.pathname.slice(describePath.length).split('/').map(decode);
  const [written = '', namespace = '', name = ''] = parts;
  const resource = findResource(written);
  if (resource === undefined) return unknownResource(written);
  const scope = namespace === '-' ? '' : namespace;
  const text = describeObject(resource, scope, name, input);
  return text === undefined ? notFound(resource, name, scope) : plain(200, text);
}

/** A Service without endpoints has an empty list, yet it is there. */
function isAbsent(
  resource: Resource,
  name: string,
  namespace: string | undefined,
  input: ViewInput,
): boolean {
  if (resource === 'Problem') return false;
  // Endpoints are listed by Service.
  const kind = resource === 'Endpoints' ? 'Service' : resource;
  if (!resourceInfo(kind).namespaced) return input.store.get(kind, '', name) === undefined;
  if (namespace !== undefined) return input.store.get(kind, namespace, name) === undefined;
  return !input.store.list(kind).items.some((one) => one.metadata.name === name);
}

function unknownResource(written: string): ViewAnswer {
  const near = closest(written, resourceNames());
  const instead = near === undefined ? `one of ${resourceNames().join(', ')}` : near;
  return plain(404, `${JSON.stringify(written)} is no resource: write ${instead}\n`);
}

function notFound(resource: Resource, name: string, namespace: string | undefined): ViewAnswer {
  const { plural, namespaced } = resourceInfo(resource);
  const where = namespaced && namespace ? ` in namespace ${namespace}` : '';
  return plain(404, `${plural} ${JSON.stringify(name)} not found${where}\n`);
}

function plain(status: number, body: string): ViewAnswer {
  return { status, contentType: 'text/plain; charset=utf-8', body };
}

/** A badly escaped path names nothing; it is no reason to fail. */
function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
