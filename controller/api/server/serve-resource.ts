import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Body } from '../body/index.ts';
import { reviewOf } from '../access/reviews.ts';
import { isAllowed } from '../access/user.ts';
import { deleteCollection, deleteObject } from '../objects/delete.ts';
import { getObject } from '../objects/get.ts';
import { listObjects } from '../objects/list.ts';
import { patchObject } from '../objects/patch.ts';
import { getScale, writeScale } from '../objects/scale.ts';
import { WatchStream } from '../objects/watch.ts';
import { createObject, replaceObject } from '../objects/write.ts';
import { maxBodyBytes, mediaTypeOf, parseBody, readBytes } from '../request/body.ts';
import { booleanParameter, type ResourceTarget } from '../request/target.ts';
import { type ApiResource, apiVersionOf } from '../resources/resource.ts';
import { ApiError, forbidden } from '../status.ts';
import {
  type ApiContext,
  jsonReply,
  type Reply,
  type ResourceRequest,
  subjectOf,
} from './context.ts';

/** What a request does, in the words of RBAC. */
export type Verb =
  | 'get'
  | 'list'
  | 'watch'
  | 'create'
  | 'update'
  | 'patch'
  | 'delete'
  | 'deletecollection';

/** @throws ApiError 405 */
export function verbOf(method: string, target: ResourceTarget, parameters: URLSearchParams): Verb {
  const isOne = target.name !== '';
  switch (method) {
    case 'GET':
    case 'HEAD':
      if (booleanParameter(parameters, 'watch')) return 'watch';
      return isOne ? 'get' : 'list';
    case 'POST':
      return 'create';
    case 'PUT':
      return 'update';
    case 'PATCH':
      return 'patch';
    case 'DELETE':
      return isOne ? 'delete' : 'deletecollection';
    default:
      throw new ApiError(405, 'MethodNotAllowed', `${method} is not supported on objects`);
  }
}

/** Finds what a path names. @throws ApiError 404, with what was likely meant */
export function resourceOf({ registry }: ApiContext, target: ResourceTarget): ApiResource {
  const { group, version, plural } = target;
  const found = registry.find(group, version, plural);
  if (found) return found;
  const near = registry.nearestPlural(group, version, plural);
  const hint = near === undefined ? '' : `; did you mean "${near}"?`;
  const where = apiVersionOf({ group, version });
  const known = registry.hasGroupVersion(group, version);
  throw new ApiError(
    404,
    'NotFound',
    known
      ? `the server could not find the requested resource "${plural}" in ${where}${hint}`
      : `the server could not find the requested resource: nothing is served in ${where}`,
    { ...(group !== '' && { group }), kind: plural },
  );
}

/** @throws ApiError 403 */
export function authorize(request: ResourceRequest, verb: Verb): void {
  const { user, resource, target } = request;
  if (isAllowed(user, verb, resource.plural, target.subresource)) return;
  const where =
    target.namespace === '' ? 'at the cluster scope' : `in the namespace "${target.namespace}"`;
  const what =
    target.subresource === '' ? resource.plural : `${resource.plural}/${target.subresource}`;
  throw forbidden(
    subjectOf(request),
    `User "${user.name}" cannot ${verb} resource "${what}" in API group "${resource.group}" ${where}`,
  );
}

/** Does what a request asks for; undefined: it is being streamed. */
export async function serveResource(
  context: ApiContext,
  request: ResourceRequest,
  verb: Verb,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<Reply | undefined> {
  const { resource, target } = request;
  checkPlace(request, verb);
  if (resource.review) {
    const { value } = await bodyOf(incoming);
    return jsonReply(reviewOf(resource.review, value, request.user, context.registry), 201);
  }
  if (target.subresource === 'scale') return await serveScale(context, request, verb, incoming);
  switch (verb) {
    case 'get':
      return getObject(context, request);
    case 'list':
      return await listObjects(context, request);
    case 'watch':
      // Ends with its response.
      void new WatchStream(context, request, response);
      return undefined;
    case 'create':
    case 'update': {
      const { value, duplicates } = await bodyOf(incoming);
      const write = verb === 'create' ? createObject : replaceObject;
      return await write(context, { ...request, duplicates }, value);
    }
    case 'patch': {
      const bytes = await readBytes(incoming, maxBodyBytes);
      return await patchObject(
        context,
        request,
        bytes,
        mediaTypeOf(incoming.headers['content-type']),
      );
    }
    case 'delete':
      return await deleteObject(context, request, await optionsOf(incoming));
    case 'deletecollection':
      return await deleteCollection(context, request, await optionsOf(incoming));
    default:
      return verb satisfies never;
  }
}

async function serveScale(
  context: ApiContext,
  request: ResourceRequest,
  verb: Verb,
  incoming: IncomingMessage,
): Promise<Reply> {
  switch (verb) {
    case 'get':
      return getScale(context, request);
    case 'update': {
      const { value } = await bodyOf(incoming);
      return await writeScale(context, request, { kind: 'replace', value });
    }
    case 'patch': {
      const body = await readBytes(incoming, maxBodyBytes);
      const mediaType = mediaTypeOf(incoming.headers['content-type']);
      return await writeScale(context, request, { kind: 'patch', body, mediaType });
    }
    case 'create':
    case 'delete':
    case 'deletecollection':
    case 'list':
    case 'watch':
      throw new ApiError(405, 'MethodNotAllowed', `${verb} is not supported on scale`);
    default:
      return verb satisfies never;
  }
}

/** Names and namespaces stand where the resource has them. @throws ApiError 404, 405 */
function checkPlace(request: ResourceRequest, verb: Verb): void {
  const { resource, target } = request;
  const { subresource } = target;
  if (subresource !== '' && !resource.subresources.some((one) => one === subresource)) {
    const own = resource.subresources.join(', ') || 'none';
    const message = `the server could not find the requested resource: ${resource.plural} have the subresources ${own}, not "${subresource}"`;
    throw new ApiError(404, 'NotFound', message);
  }
  if (!resource.namespaced && target.namespace !== '') {
    throw new ApiError(404, 'NotFound', `${resource.plural} belong to no namespace`);
  }
  const needsNamespace = resource.namespaced && target.namespace === '';
  if (needsNamespace && (target.name !== '' || (verb === 'create' && !resource.review))) {
    throw new ApiError(405, 'MethodNotAllowed', `${resource.plural} live in namespaces: name one`);
  }
  if (resource.review && verb !== 'create') {
    throw new ApiError(405, 'MethodNotAllowed', `${resource.plural} can only be created`);
  }
  const needsName = verb === 'update' || verb === 'patch';
  if (needsName && target.name === '') {
    throw new ApiError(405, 'MethodNotAllowed', `${verb} needs the name of an object`);
  }
}

async function bodyOf(incoming: IncomingMessage): Promise<Body> {
  const bytes = await readBytes(incoming, maxBodyBytes);
  return parseBody(bytes, mediaTypeOf(incoming.headers['content-type']));
}

/** DeleteOptions: usually there is no body. */
async function optionsOf(incoming: IncomingMessage): Promise<unknown> {
  const bytes = await readBytes(incoming, maxBodyBytes);
  if (bytes.length === 0) return undefined;
  return parseBody(bytes, mediaTypeOf(incoming.headers['content-type'])).value;
}
