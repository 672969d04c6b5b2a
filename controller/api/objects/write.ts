import type { KubeObject } from '../../objects/index.ts';
import { type JsonObject, trackUpdate } from '../patch/index.ts';
import { type ApiContext, type Reply, type ResourceRequest, subjectOf } from '../server/context.ts';
import { asApiError, badRequest, invalid } from '../status.ts';
import { admitted, asObject } from './admission.ts';
import { allocated } from './allocated.ts';
import { fieldWriterOf } from './field-manager.ts';
import { existing, objectReply } from './get.ts';
import { refuseManifestObject, requireNamespace } from './guard.ts';
import { immutableChanges } from './immutable.ts';
import { generatedName } from './generated-name.ts';
import { warningHeaders } from './warnings.ts';

/** A name is made up anew when it is taken already; this often in vain is no chance. */
const nameAttempts = 8;

/** `dryRun=All`: everything but the write. @throws ApiError 400 */
export function isDryRun(parameters: URLSearchParams): boolean {
  const values = parameters.getAll('dryRun').filter((one) => one !== '');
  if (values.every((one) => one === 'All')) return values.length > 0;
  throw badRequest(`dryRun: write All, not "${values.join(',')}"`);
}

/** `POST` of a new object. */
export async function createObject(
  context: ApiContext,
  request: ResourceRequest,
  value: unknown,
): Promise<Reply> {
  const { target, resource } = request;
  const given = inRequestNamespace(asObject(value, request), request);
  if (target.name !== '') throw badRequest('an object is created by POST to all of its resource');
  if (given.metadata.resourceVersion) {
    throw badRequest('resourceVersion should not be set on objects to be created');
  }
  requireNamespace(context, request, given.metadata.namespace ?? '');
  for (let attempt = 1; ; attempt += 1) {
    const named = given.metadata.name ? given : generatedName(given, context.random);
    if (!named.metadata.name) {
      const message = 'Required value: name or generateName is required';
      const cause = { reason: 'FieldValueRequired', message, field: 'metadata.name' };
      throw invalid(subjectOf(request), [cause]);
    }
    const { name, namespace = '' } = named.metadata;
    const isTaken = context.objects.get(resource.type, namespace, name) !== undefined;
    const mayTryAgain = named !== given && attempt < nameAttempts;
    if (isTaken && mayTryAgain) continue;
    const own = nameIn(request, name);
    try {
      return await create(context, own, named);
    } catch (error) {
      // The path of the request does not name the object.
      throw asApiError(error, subjectOf(own)) ?? error;
    }
  }
}

async function create(
  context: ApiContext,
  request: ResourceRequest,
  given: KubeObject,
): Promise<Reply> {
  const { object, warnings } = admitted(request, withoutServerMarks(given));
  const tracked = tracking(context, request, undefined, object);
  const written = isDryRun(request.parameters)
    ? context.objects.preview('create', tracked)
    : await allocated(context, await context.objects.create(tracked));
  return { ...objectReply(context, request, written, 201), headers: warningHeaders(warnings) };
}

/** Creates what a server-side apply made, which is tracked already. */
export async function createApplied(
  context: ApiContext,
  request: ResourceRequest,
  applied: KubeObject,
): Promise<Reply> {
  const given = inRequestNamespace(applied, request);
  requireNamespace(context, request, given.metadata.namespace ?? '');
  const { object, warnings } = admitted(request, given);
  const written = isDryRun(request.parameters)
    ? context.objects.preview('create', object)
    : await allocated(context, await context.objects.create(object));
  return { ...objectReply(context, request, written, 201), headers: warningHeaders(warnings) };
}

/** `PUT` of an object, or of its status. */
export async function replaceObject(
  context: ApiContext,
  request: ResourceRequest,
  value: unknown,
): Promise<Reply> {
  const given = inRequestNamespace(asObject(value, request), request);
  const live = existing(context, request);
  const { name } = given.metadata;
  if (name !== undefined && name !== request.target.name) {
    throw badRequest(
      `the name of the object (${name}) does not match the name on the URL (${request.target.name})`,
    );
  }
  return await update(context, request, live, given, true);
}

/** Stores what became of `live`, by a replacement or a patch; `isTracked`: managedFields too. */
export async function update(
  context: ApiContext,
  request: ResourceRequest,
  live: KubeObject,
  next: KubeObject,
  tracks: boolean,
): Promise<Reply> {
  const { resource, target, parameters } = request;
  const isStatus = target.subresource === 'status';
  if (!isStatus) refuseManifestObject(context, request, live);
  const whole = isStatus ? statusOnly(live, next) : next;
  const { object, warnings } = admitted(request, whole, live);
  const changes = immutableChanges(resource.type, live, object);
  if (changes.length > 0) throw invalid(subjectOf(request), changes);
  const tracked = tracks ? tracking(context, request, live, object) : object;
  const write = isStatus ? 'updateStatus' : 'update';
  const written = isDryRun(parameters)
    ? context.objects.preview(write, tracked)
    : await allocated(context, await context.objects[write](tracked));
  return { ...objectReply(context, request, written), headers: warningHeaders(warnings) };
}

function tracking(
  context: ApiContext,
  request: ResourceRequest,
  live: KubeObject | undefined,
  next: KubeObject,
): KubeObject {
  const writer = fieldWriterOf(context, request);
  // An object in and an object out: only managedFields differ.
  return trackUpdate(json(live), json(next), writer) as unknown as KubeObject;
}

function json<T extends KubeObject | undefined>(object: T): T & JsonObject {
  return object as T & JsonObject;
}

/** The stored object with the status, and the precondition, of the written one. */
function statusOnly(live: KubeObject, next: KubeObject): KubeObject {
  const { resourceVersion, uid } = next.metadata;
  const status: unknown = Reflect.get(next, 'status');
  const { resourceVersion: _mine, ...metadata } = live.metadata;
  return {
    ...live,
    metadata: {
      ...metadata,
      ...(resourceVersion && { resourceVersion }),
      ...(uid && { uid }),
    },
    ...(status !== undefined && { status }),
  };
}

/** What only the server says of an object. */
function withoutServerMarks(object: KubeObject): KubeObject {
  const {
    uid: _uid,
    creationTimestamp: _created,
    deletionTimestamp: _deleted,
    deletionGracePeriodSeconds: _grace,
    generation: _generation,
    ...metadata
  } = object.metadata;
  return { ...object, metadata };
}

/** The object in the namespace of the URL. @throws ApiError 400 for another one */
function inRequestNamespace(object: KubeObject, { target, resource }: ResourceRequest): KubeObject {
  const { namespace, ...metadata } = object.metadata;
  if (!resource.namespaced) return namespace ? { ...object, metadata } : object;
  if (namespace && target.namespace && namespace !== target.namespace) {
    throw badRequest(
      `the namespace of the provided object does not match the namespace sent on the request (${namespace}, ${target.namespace})`,
    );
  }
  const where = namespace || target.namespace || 'default';
  return { ...object, metadata: { ...metadata, namespace: where } };
}

function nameIn(request: ResourceRequest, name: string): ResourceRequest {
  return { ...request, target: { ...request.target, name } };
}
