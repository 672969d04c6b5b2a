/** A store that daemons on many nodes share: objects in etcd v3. */
export { type EtcdAccess, EtcdClient } from './etcd-client.ts';
export { createEtcdStore, type EtcdStore } from './etcd-store.ts';
export { Keys } from './keys.ts';
export * from './messages.ts';
export { compactRegularly } from './compaction.ts';
