import { StoreError } from '../../store/index.ts';
import type { ApiContext } from '../server/context.ts';

/** Namespaces that clients expect to be there: objects without one, and node Leases, live in them. */
const expected = ['default', 'kube-node-lease', 'kube-public', 'kube-system'] as const;

/** Makes the namespaces that every cluster has. */
export async function ensureNamespaces({ objects }: ApiContext): Promise<void> {
  for (const name of expected) {
    if (objects.get('Namespace', '', name)) continue;
    try {
      const labels = { 'kubernetes.io/metadata.name': name };
      const namespace = {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name, labels },
        status: { phase: 'Active' },
      };
      await objects.create(namespace);
    } catch (error) {
      // Another node on the same store was faster.
      if (!(error instanceof StoreError) || error.code !== 'AlreadyExists') throw error;
    }
  }
}
