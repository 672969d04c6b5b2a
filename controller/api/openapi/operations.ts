import { patchTypes } from '../patch/index.ts';
import type { JsonObject } from '../patch/json.ts';
import { nameOfKind, reference } from './definitions.ts';
import { listName } from './definition-names.ts';
import {
  groupVersionKind,
  groupVersionPath,
  type OpenApiResource,
  type OpenApiVersion,
} from './open-api-resource.ts';

type Verb = 'get' | 'post' | 'put' | 'patch' | 'delete';

interface Action {
  readonly verb: Verb;
  /** `x-kubernetes-action`. */
  readonly action: string;
  readonly answersList: boolean;
}

const write: readonly string[] = ['dryRun', 'fieldManager', 'fieldValidation'];

/**
 * Query parameters of each verb. kubectl looks here whether a server knows `dryRun` and
 * `fieldValidation` before it sends them.
 */
const parametersOf: Readonly<Record<Verb, readonly string[]>> = {
  get: ['labelSelector', 'fieldSelector', 'limit', 'continue', 'resourceVersion', 'watch'],
  post: write,
  put: write,
  patch: [...write, 'force'],
  delete: ['dryRun', 'gracePeriodSeconds', 'propagationPolicy'],
};

const parameterTypes: ReadonlyMap<string, 'integer' | 'boolean'> = new Map([
  ['limit', 'integer'],
  ['gracePeriodSeconds', 'integer'],
  ['watch', 'boolean'],
  ['force', 'boolean'],
]);

const collection: readonly Action[] = [
  { verb: 'get', action: 'list', answersList: true },
  { verb: 'post', action: 'post', answersList: false },
  { verb: 'delete', action: 'deletecollection', answersList: true },
];
const item: readonly Action[] = [
  { verb: 'get', action: 'get', answersList: false },
  { verb: 'put', action: 'put', answersList: false },
  { verb: 'patch', action: 'patch', answersList: false },
  { verb: 'delete', action: 'delete', answersList: false },
];
const subresource: readonly Action[] = item.filter(({ verb }) => verb !== 'delete');

/** The paths of a resource and what can be done there, as `paths` of a document. */
export function pathsOf(
  resource: OpenApiResource,
  version: OpenApiVersion,
): readonly (readonly [string, JsonObject])[] {
  const root = `/${groupVersionPath(resource.apiVersion)}`;
  const within = resource.namespaced ? `${root}/namespaces/{namespace}` : root;
  const all = `${within}/${resource.plural}`;
  const paths: [string, readonly Action[]][] = [
    [all, collection],
    [`${all}/{name}`, item],
    ...resource.subresources.map((name): [string, readonly Action[]] => [
      `${all}/{name}/${name}`,
      subresource,
    ]),
  ];
  if (resource.namespaced) {
    paths.push([`${root}/${resource.plural}`, collection.filter(({ verb }) => verb === 'get')]);
  }
  return paths.map(([path, actions]) => [path, pathItem(path, actions, resource, version)]);
}

function pathItem(
  path: string,
  actions: readonly Action[],
  resource: OpenApiResource,
  version: OpenApiVersion,
): JsonObject {
  const operations = actions.map((action) => [action.verb, operation(action, resource, version)]);
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '');
  return {
    ...Object.fromEntries(operations),
    parameters: names.map((name) => parameter(name, 'path', version)),
  };
}

function operation(
  { verb, action, answersList }: Action,
  resource: OpenApiResource,
  version: OpenApiVersion,
): JsonObject {
  const kind = nameOfKind(resource);
  const answer = reference(answersList ? listName(kind) : kind, version);
  const query = parametersOf[verb].map((name) => parameter(name, 'query', version));
  const hasBody = verb === 'post' || verb === 'put' || verb === 'patch';
  const body = verb === 'patch' ? { type: 'object' } : reference(kind, version);
  const types = verb === 'patch' ? patchTypesOf(resource) : ['application/json'];
  const common = {
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': groupVersionKind(resource),
  };
  if (version === 'v2') {
    const inBody = { name: 'body', in: 'body', required: true, schema: body };
    return {
      ...(hasBody ? { consumes: types } : {}),
      parameters: hasBody ? [inBody, ...query] : query,
      responses: { '200': { description: 'OK', schema: answer } },
      ...common,
    };
  }
  const content = (schema: JsonObject, names: readonly string[]): JsonObject =>
    Object.fromEntries(names.map((name) => [name, { schema }]));
  return {
    parameters: query,
    ...(hasBody ? { requestBody: { required: true, content: content(body, types) } } : {}),
    responses: { '200': { description: 'OK', content: content(answer, ['application/json']) } },
    ...common,
  };
}

/** kubectl sends a strategic merge patch wherever the document offers it. */
function patchTypesOf({ schema }: OpenApiResource): readonly string[] {
  const types = [...patchTypes];
  const isCustom = schema !== undefined;
  return types.filter(([, type]) => !(isCustom && type === 'strategic')).map(([name]) => name);
}

function parameter(name: string, place: 'path' | 'query', version: OpenApiVersion): JsonObject {
  const type = parameterTypes.get(name) ?? 'string';
  const required = place === 'path' ? { required: true } : {};
  return version === 'v2'
    ? { name, in: place, ...required, type, uniqueItems: true }
    : { name, in: place, ...required, schema: { type, uniqueItems: true } };
}
