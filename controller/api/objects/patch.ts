import type { KubeObject } from '../../objects/index.ts';
import { StoreError } from '../../store/index.ts';
import {
  applyConfiguration,
  applyPatch,
  type JsonObject,
  type PatchType,
  patchTypes,
} from '../patch/index.ts';
import { readJsonBody, readYamlBody } from '../body/index.ts';
import { unsupported } from '../request/body.ts';
import { booleanParameter } from '../request/target.ts';
import { type ApiContext, type Reply, type ResourceRequest, subjectOf } from '../server/context.ts';
import { badRequest, notFound } from '../status.ts';
import { asObject } from './admission.ts';
import { fieldWriterOf, mergeTypeOf } from './field-manager.ts';
import { createApplied, update } from './write.ts';

/** Somebody else may write between reading and writing, but not for ever. */
const attempts = 5;

/** `PATCH` of an object, or of its status. */
export async function patchObject(
  context: ApiContext,
  request: ResourceRequest,
  body: Buffer,
  mediaType: string,
): Promise<Reply> {
  const type = patchTypes.get(mediaType);
  const isCustom = request.resource.custom !== undefined;
  if (type === undefined || (isCustom && type === 'strategic')) {
    const accepted = [...patchTypes.keys()].filter(
      (one) => !isCustom || !one.includes('strategic'),
    );
    throw unsupported(mediaType, accepted);
  }
  const text = body.toString('utf8');
  const { value: patch } = type === 'apply' ? readYamlBody(text) : readJsonBody(text);
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await patchOnce(context, request, type, patch);
    } catch (error) {
      const isRace = error instanceof StoreError && error.code === 'Conflict';
      if (!isRace || attempt === attempts || statesVersion(patch)) throw error;
    }
  }
}

async function patchOnce(
  context: ApiContext,
  request: ResourceRequest,
  type: PatchType,
  patch: unknown,
): Promise<Reply> {
  const { resource, target } = request;
  const live = context.objects.get(resource.type, target.namespace, target.name);
  if (type === 'apply') return await apply(context, request, live, patch);
  if (!live) throw notFound(subjectOf(request));
  const next = applyPatch(type, asJson(live), patch, mergeTypeOf(resource));
  const object = asObject(next, request);
  if (object.metadata.name !== target.name) {
    throw badRequest('metadata.name: a patch cannot rename an object');
  }
  return await update(context, request, live, object, true);
}

/** Server-side apply; without the object it is a create. */
async function apply(
  context: ApiContext,
  request: ResourceRequest,
  live: KubeObject | undefined,
  patch: unknown,
): Promise<Reply> {
  const { parameters, target } = request;
  if (!parameters.get('fieldManager')) {
    throw badRequest(
      'PatchOptions is invalid: fieldManager: Required value: is required for apply patch',
    );
  }
  if (!live && target.subresource !== '') throw notFound(subjectOf(request));
  const stated = asObject(patch, request);
  const name = stated.metadata.name ?? target.name;
  if (name !== target.name) {
    throw badRequest(
      `the name of the object (${name}) does not match the name on the URL (${target.name})`,
    );
  }
  const applied = { ...stated, metadata: { ...stated.metadata, name } };
  const force = booleanParameter(parameters, 'force');
  const writer = fieldWriterOf(context, request);
  const merged = applyConfiguration(live && asJson(live), asJson(applied), writer, { force });
  const object = asObject(merged, request);
  if (!live) return await createApplied(context, request, object);
  return await update(context, request, live, object, false);
}

/** A patch that names the version it was made for means that one. */
function statesVersion(patch: unknown): boolean {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return false;
  const { metadata } = patch as JsonObject;
  return typeof metadata === 'object' && metadata !== null && 'resourceVersion' in metadata;
}

function asJson(object: KubeObject): JsonObject {
  return object as KubeObject & JsonObject;
}
