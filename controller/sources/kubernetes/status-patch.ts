import type { AnyObject, Kind } from '../../objects/index.ts';
import { StoreError } from '../../store/index.ts';
import type { ApiClient } from './api-client.ts';
import { ApiError } from './api-error.ts';
import { collectionPath } from './followed-kinds.ts';
import type { RawObject } from './kept-fields.ts';

/** Kinds whose status this program may write into a cluster; `deploy/` asks for these rights. */
export const statusKinds: ReadonlySet<Kind> = new Set(['Ingress', 'Service']);

/**
 * Writes the status of one object, and nothing else of it.
 * @throws StoreError `NotFound`, `Conflict`, `Invalid`; ApiError for everything else
 */
export async function patchStatus(client: ApiClient, object: AnyObject): Promise<RawObject> {
  const { kind, metadata } = object;
  if (!statusKinds.has(kind) || !('status' in object)) {
    throw new StoreError('Invalid', `the status of a ${kind} is the cluster's own to write`);
  }
  try {
    const answer = await client.call({
      method: 'PATCH',
      path: `${collectionPath(kind, metadata.namespace)}/${metadata.name}/status`,
      contentType: 'application/merge-patch+json',
      body: { metadata: { uid: metadata.uid }, status: object.status },
    });
    // The API server answers a patch with the object as it is now.
    return answer as RawObject;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.status === 404) throw new StoreError('NotFound', error.message);
    if (error.status === 409) throw new StoreError('Conflict', error.message);
    throw error;
  }
}
