import {
  type HeldLease,
  LeaseConflict,
  type LeaseLock,
  type LeaseRecord,
} from '../../controller/cluster/index.ts';

/** A lease in memory, that candidates of one test share. It can be out of reach for one of them. */
export class SharedLease {
  held: HeldLease | undefined;
  readonly #cutOff = new Set<string>();
  #version = 0;

  /** How one candidate sees it. */
  lockFor(candidate: string): LeaseLock {
    const reach = (): void => {
      if (this.#cutOff.has(candidate)) throw new Error('connection refused');
    };
    return {
      name: 'a lease',
      read: async () => {
        reach();
        return this.held;
      },
      create: async (record) => {
        reach();
        if (this.held) throw new LeaseConflict('there is one');
        this.#write(record);
      },
      update: async (record, version) => {
        reach();
        if (this.held?.version !== version) throw new LeaseConflict('another was first');
        this.#write(record);
      },
    };
  }

  cutOff(candidate: string): void {
    this.#cutOff.add(candidate);
  }

  reconnect(candidate: string): void {
    this.#cutOff.delete(candidate);
  }

  #write(record: LeaseRecord): void {
    this.#version += 1;
    this.held = { record, version: String(this.#version) };
  }
}
