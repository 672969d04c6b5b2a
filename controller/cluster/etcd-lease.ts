import {
  atRevision,
  decode,
  encode,
  type EtcdClient,
  type Keys,
  put,
  type RangeResponse,
  type TxnResponse,
} from '../store/etcd/index.ts';
import { type HeldLease, LeaseConflict, type LeaseLock, type LeaseRecord } from './lease-record.ts';

/**
 * A key of etcd as the place of an election. The identity of the holder alone is written beside it,
 * in the same transaction: the writes of a leader are fenced with that value.
 */
export class EtcdLease implements LeaseLock {
  readonly name: string;
  readonly #client: EtcdClient;
  readonly #key: string;
  readonly #leaderKey: string;

  constructor(client: EtcdClient, keys: Keys, name: string) {
    this.#client = client;
    this.#key = keys.lease(name);
    this.#leaderKey = keys.leader(name);
    this.name = `etcd key ${this.#key}`;
  }

  async read(): Promise<HeldLease | undefined> {
    const { kvs } = (await this.#client.call('/v3/kv/range', {
      key: encode(this.#key),
    })) as RangeResponse;
    const [found] = kvs ?? [];
    if (!found) return undefined;
    const record = JSON.parse(decode(found.value ?? '')) as LeaseRecord;
    return { record, version: found.mod_revision ?? '0' };
  }

  async create(record: LeaseRecord): Promise<void> {
    await this.#write(record, 0);
  }

  async update(record: LeaseRecord, version: string): Promise<void> {
    await this.#write(record, Number(version));
  }

  async #write(record: LeaseRecord, revision: number): Promise<void> {
    const { succeeded } = (await this.#client.call('/v3/kv/txn', {
      compare: [atRevision(this.#key, revision)],
      success: [
        put(this.#key, JSON.stringify(record)),
        put(this.#leaderKey, record.holderIdentity),
      ],
    })) as TxnResponse;
    if (!succeeded) throw new LeaseConflict(`${this.name} was written by another candidate`);
  }
}
