import { describeError, type Plane } from '../../controller/base/index.ts';
import type {
  DiffMessage,
  FromWorker,
  PlaneName,
  PlaneTables,
  SnapshotMessage,
} from './protocol.ts';
import { TableReplica } from './table-replica.ts';

/**
 * With this many changes waiting the plane gets them as one: it finds the differences itself,
 * which costs a walk over the table instead of so many calls.
 */
const catchUpAfter = 32;

/** Feeds one plane its tables, one `apply` at a time, and says what became of each. */
export class PlaneRunner<P extends PlaneName> {
  readonly #name: P;
  readonly #plane: Plane<PlaneTables[P]['table'], PlaneTables[P]['diff']>;
  readonly #send: (message: FromWorker) => void;
  readonly #replica = new TableReplica();
  readonly #waiting: (SnapshotMessage | DiffMessage)[] = [];
  #running: Promise<void> | undefined;

  constructor(
    name: P,
    plane: Plane<PlaneTables[P]['table'], PlaneTables[P]['diff']>,
    send: (message: FromWorker) => void,
  ) {
    this.#name = name;
    this.#plane = plane;
    this.#send = send;
  }

  get plane(): Plane<PlaneTables[P]['table'], PlaneTables[P]['diff']> {
    return this.#plane;
  }

  /** Queues the table or change. Messages come in the order of their generations. */
  take(message: SnapshotMessage | DiffMessage): void {
    this.#waiting.push(message);
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
  }

  /** Resolves when nothing waits and nothing runs. */
  async idle(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      const count = this.#waiting.length > catchUpAfter ? this.#waiting.length : 1;
      const batch = this.#waiting.splice(0, count);
      this.#replica.apply(batch);
      const [only] = batch;
      // A diff of this runner's plane: nobody hands it messages of another.
      const diff = count === 1 && only?.kind === 'diff' ? only.diff : undefined;
      await this.#apply(diff);
    }
  }

  async #apply(diff: PlaneTables[P]['diff'] | undefined): Promise<void> {
    const table = this.#replica.table(this.#name);
    if (!table) return;
    const { generation } = table;
    try {
      // Its problems come through the sink too, and there they go away again when a retry helps.
      await this.#plane.apply(table, diff);
      // Service addresses stand in the table already, and there may be thousands of them.
      const addresses = this.#name === 'l4' ? [] : this.#plane.addresses();
      this.#send({ kind: 'applied', plane: this.#name, generation, addresses });
    } catch (error) {
      this.#send({ kind: 'refused', plane: this.#name, generation, error: describeError(error) });
    }
  }
}
