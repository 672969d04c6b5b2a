import { LeaseConflict, type LeaseLock, type LeaseRecord } from '../../cluster/index.ts';
import type { ApiClient } from './api-client.ts';
import { ApiError } from './api-error.ts';

/** What a Lease of this program may hold as read: another program may have written it. */
interface RawLease {
  readonly metadata: Readonly<Record<string, unknown>> & { readonly resourceVersion: string };
  readonly spec?: Partial<LeaseRecord> | null;
}

/** A Lease (coordination.k8s.io/v1) of the cluster as the place of an election. */
export class ClusterLease implements LeaseLock {
  readonly name: string;
  readonly #client: ApiClient;
  readonly #collection: string;
  readonly #metadata: { readonly namespace: string; readonly name: string };

  constructor(client: ApiClient, namespace: string, name: string) {
    this.#client = client;
    this.#collection = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`;
    this.#metadata = { namespace, name };
    this.name = `Lease ${namespace}/${name}`;
  }

  async read(): ReturnType<LeaseLock['read']> {
    try {
      const path = `${this.#collection}/${this.#metadata.name}`;
      const { metadata, spec } = (await this.#client.call({ path })) as RawLease;
      return { record: { ...nobody, ...spec }, version: metadata.resourceVersion };
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return undefined;
      throw error;
    }
  }

  async create(record: LeaseRecord): Promise<void> {
    await this.#write('POST', this.#collection, record, undefined);
  }

  async update(record: LeaseRecord, version: string): Promise<void> {
    const path = `${this.#collection}/${this.#metadata.name}`;
    await this.#write('PUT', path, record, version);
  }

  async #write(
    method: 'POST' | 'PUT',
    path: string,
    record: LeaseRecord,
    version: string | undefined,
  ): Promise<void> {
    const body = {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { ...this.#metadata, ...(version !== undefined && { resourceVersion: version }) },
      // The API takes no empty identity: a lease that was given up has none.
      spec: { ...record, holderIdentity: record.holderIdentity || null },
    };
    try {
      await this.#client.call({ method, path, body });
    } catch (cause) {
      if (!(cause instanceof ApiError) || cause.status !== 409) throw cause;
      throw new LeaseConflict(`${this.name} was written by another candidate`, { cause });
    }
  }
}

const nobody: LeaseRecord = {
  holderIdentity: '',
  leaseDurationSeconds: 1,
  acquireTime: '',
  renewTime: '',
  leaseTransitions: 0,
};
