import { formatPosition } from '../../base/index.ts';
import type { KubeObject } from '../../objects/index.ts';
import { type ApiContext, type ResourceRequest, subjectOf } from '../server/context.ts';
import { ApiError, forbidden, notFound } from '../status.ts';

/**
 * An object that a manifest defines is changed there: two writers of one object would undo each
 * other at every change of the file. @throws ApiError 403, naming the file
 */
export function refuseManifestObject(
  context: ApiContext,
  request: ResourceRequest,
  object: KubeObject,
): void {
  const at = context.manifestOf(object);
  if (at === undefined) return;
  const { name } = object.metadata;
  throw forbidden(
    { ...subjectOf(request), name },
    `it is managed by the manifest ${formatPosition(at)}: change or remove it there`,
  );
}

/** A new object needs a Namespace that is there to stay. @throws ApiError 404, 403 */
export function requireNamespace(
  context: ApiContext,
  request: ResourceRequest,
  namespace: string,
): void {
  if (!request.resource.namespaced) return;
  const found = context.objects.get('Namespace', '', namespace);
  const subject = { group: '', plural: 'namespaces', kind: 'Namespace', name: namespace };
  if (!found) throw notFound(subject);
  if (found.metadata.deletionTimestamp === undefined) return;
  const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
  const { message } = forbidden(subjectOf(request), why);
  throw new ApiError(403, 'Forbidden', message, {
    causes: [{ reason: 'NamespaceTerminating', message: why, field: 'metadata.namespace' }],
  });
}
