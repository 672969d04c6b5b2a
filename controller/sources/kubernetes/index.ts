/** A real cluster as the source of objects: its API is followed, and status written back. */
export { ApiClient } from './api-client.ts';
export { type ClusterAccess, openClusterAccess } from './cluster-access.ts';
export { ClusterLease } from './cluster-lease.ts';
export { type ClusterStore, followCluster } from './cluster-store.ts';
export { EventRecorder } from './event-recorder.ts';
export { followedKinds, podKind } from './followed-kinds.ts';
