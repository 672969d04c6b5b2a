import type { KubeObject } from '../../objects/index.ts';
import { representationOf } from '../request/representation.ts';
import {
  type ApiContext,
  jsonReply,
  type Reply,
  type ResourceRequest,
  subjectOf,
} from '../server/context.ts';
import { notFound } from '../status.ts';
import { columnsOf } from '../table/columns.ts';
import { partial, tableOf } from '../table/table.ts';
import { encodeObject, inVersion } from './encode.ts';

/** The object that a request names. @throws ApiError 404 */
export function existing(context: ApiContext, request: ResourceRequest): KubeObject {
  const { target, resource } = request;
  const found = context.objects.get(resource.type, target.namespace, target.name);
  if (!found) throw notFound(subjectOf(request));
  return found;
}

/** `GET` of one object. */
export function getObject(context: ApiContext, request: ResourceRequest): Reply {
  return objectReply(context, request, existing(context, request));
}

/** One object in the form that the client asked for. */
export function objectReply(
  context: ApiContext,
  request: ResourceRequest,
  object: KubeObject,
  status = 200,
): Reply {
  const { resource, accept, parameters } = request;
  const representation = representationOf(accept, parameters);
  switch (representation.kind) {
    case 'object':
      return {
        status,
        contentType: 'application/json',
        body: `${encodeObject(object, resource)}\n`,
      };
    case 'metadata':
      return jsonReply(partial(object), status);
    case 'table': {
      const { resourceVersion } = object.metadata;
      const nowMs = context.clock.wallMs();
      const options = { ...representation, columns: columnsOf(resource), nowMs };
      const table = tableOf([inVersion(object, resource)], { resourceVersion }, options);
      return jsonReply(table, status);
    }
    default:
      return representation satisfies never;
  }
}
