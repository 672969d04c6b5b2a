import type { KubeObject } from '../../objects/index.ts';
import { StoreError } from '../../store/index.ts';
import { apiVersionOf } from '../resources/resource.ts';
import {
  type ApiContext,
  jsonReply,
  type Reply,
  type ResourceRequest,
  subjectOf,
} from '../server/context.ts';
import { badRequest, forbidden } from '../status.ts';
import { valueAt } from '../table/value-at.ts';
import { existing, objectReply } from './get.ts';
import { refuseManifestObject } from './guard.ts';
import { selected } from './list.ts';
import { isDryRun } from './write.ts';

/** Held by a Namespace while there is something in it; see `lifecycle/namespaces.ts`. */
export const namespaceFinalizer = 'portolan.dev/namespace-contents';
/** Held by a definition while there are objects of its kind; see `lifecycle/definitions.ts`. */
export const definitionFinalizer = 'customresourcecleanup.apiextensions.k8s.io';

/** Namespaces that objects without one, and the cluster itself, live in. */
const lasting: ReadonlySet<string> = new Set(['default', 'kube-system', 'kube-public']);

const finalizers: ReadonlyMap<string, string> = new Map([
  ['Namespace', namespaceFinalizer],
  ['CustomResourceDefinition.apiextensions.k8s.io', definitionFinalizer],
]);

/** `DELETE` of one object; `body` holds DeleteOptions, or nothing. */
export async function deleteObject(
  context: ApiContext,
  request: ResourceRequest,
  body: unknown,
): Promise<Reply> {
  const live = existing(context, request);
  refuseManifestObject(context, request, live);
  refuseLasting(context, request, live);
  const dryRun = isDryRun(request.parameters) || Array.isArray(valueAt(body, 'dryRun'));
  if (dryRun) return deletedReply(context, request, live, live);
  if (wantsOrphans(request, body)) await orphanDependents(context, live);
  const last = await remove(context, request, live, preconditionsOf(body));
  return deletedReply(context, request, live, last);
}

/** `DELETE` of all objects of a resource that selectors leave. */
export async function deleteCollection(
  context: ApiContext,
  request: ResourceRequest,
  body: unknown,
): Promise<Reply> {
  const objects = selected(context, request);
  const dryRun = isDryRun(request.parameters);
  // All or none: what a manifest holds would have to stay.
  for (const object of objects) {
    refuseManifestObject(context, request, object);
    refuseLasting(context, request, object);
  }
  const { resource } = request;
  for (const object of dryRun ? [] : objects) {
    if (wantsOrphans(request, body)) await orphanDependents(context, object);
    await removeIfThere(context, request, object);
  }
  return jsonReply({
    kind: `${resource.kind}List`,
    apiVersion: apiVersionOf(resource),
    metadata: { resourceVersion: context.objects.resourceVersion },
    items: objects,
  });
}

async function removeIfThere(
  context: ApiContext,
  request: ResourceRequest,
  object: KubeObject,
): Promise<void> {
  try {
    await remove(context, request, object, {});
  } catch (error) {
    if (!(error instanceof StoreError) || error.code !== 'NotFound') throw error;
  }
}

/** Those that hold more than themselves get a finalizer first, so that it goes before them. */
async function remove(
  context: ApiContext,
  { resource }: ResourceRequest,
  live: KubeObject,
  seen: { readonly uid?: string; readonly resourceVersion?: string },
): Promise<KubeObject> {
  const { objects } = context;
  const { namespace = '', name } = live.metadata;
  const finalizer = finalizers.get(resource.type);
  if (finalizer === undefined || live.metadata.finalizers?.includes(finalizer)) {
    return await objects.delete(resource.type, namespace, name, seen);
  }
  const held = [...(live.metadata.finalizers ?? []), finalizer];
  await objects.update({ ...live, metadata: { ...live.metadata, finalizers: held } });
  return await objects.delete(resource.type, namespace, name, seen.uid ? { uid: seen.uid } : {});
}

function refuseLasting(context: ApiContext, request: ResourceRequest, live: KubeObject): void {
  if (request.resource.type !== 'Namespace') return;
  const { name } = live.metadata;
  const subject = { ...subjectOf(request), name };
  if (lasting.has(name)) throw forbidden(subject, 'this namespace may not be deleted');
  for (const type of context.objects.types()) {
    for (const object of context.objects.list(type, { namespace: name }).items) {
      const at = context.manifestOf(object);
      if (at === undefined) continue;
      const { kind, metadata } = object;
      const what = `${kind} ${metadata.name} in it is managed by the manifest ${at.file}`;
      throw forbidden(subject, `${what}: remove it there first`);
    }
  }
}

function preconditionsOf(body: unknown): {
  readonly uid?: string;
  readonly resourceVersion?: string;
} {
  const uid = valueAt(body, 'preconditions.uid');
  const resourceVersion = valueAt(body, 'preconditions.resourceVersion');
  return {
    ...(typeof uid === 'string' && { uid }),
    ...(typeof resourceVersion === 'string' && { resourceVersion }),
  };
}

function wantsOrphans({ parameters }: ResourceRequest, body: unknown): boolean {
  const policy = valueAt(body, 'propagationPolicy') ?? parameters.get('propagationPolicy');
  if (policy === undefined || policy === null) return valueAt(body, 'orphanDependents') === true;
  if (policy === 'Orphan' || policy === 'Background' || policy === 'Foreground') {
    return policy === 'Orphan';
  }
  throw badRequest('propagationPolicy: write Orphan, Background or Foreground');
}

/** What is to outlive its owner names it no longer. */
async function orphanDependents({ objects }: ApiContext, owner: KubeObject): Promise<void> {
  const { uid } = owner.metadata;
  for (const type of objects.types()) {
    for (const object of objects.list(type).items) {
      const { ownerReferences = [] } = object.metadata;
      const others = ownerReferences.filter((one) => one.uid !== uid);
      if (others.length === ownerReferences.length) continue;
      const metadata = { ...object.metadata, ownerReferences: others };
      await objects.update({ ...object, metadata });
    }
  }
}

/** Status Success when it is gone, the object while it waits for finalizers. */
function deletedReply(
  context: ApiContext,
  request: ResourceRequest,
  live: KubeObject,
  last: KubeObject,
): Reply {
  const { resource } = request;
  const isWaiting = (last.metadata.finalizers?.length ?? 0) > 0;
  if (isWaiting) return objectReply(context, request, last);
  return jsonReply({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: {
      name: live.metadata.name,
      ...(resource.group !== '' && { group: resource.group }),
      kind: resource.plural,
      uid: live.metadata.uid,
    },
  });
}
