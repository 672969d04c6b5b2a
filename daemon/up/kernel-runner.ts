import { DataPlaneError, describeError, type ProblemSink } from '../../controller/base/index.ts';
import type { KernelPlane, ServiceDiff, ServicePort, ServiceTable } from '../../proxy/index.ts';

/** Where problems of applying go; the plane reports its own under other names. */
const problemSource = 'l4/refused';

export interface KernelEvents {
  applied(generation: number): void;
  /** This machine cannot do it at all: nft is missing, the kernel too old. */
  impossible(error: DataPlaneError): void;
}

/**
 * Feeds the kernel plane one table at a time. Tables that come while one is being applied are
 * overtaken by the newest: the plane finds what differs, and a burst costs a few transactions.
 */
export class KernelRunner implements AsyncDisposable {
  readonly #plane: KernelPlane;
  readonly #problems: ProblemSink;
  readonly #events: KernelEvents;
  #hasApplied = false;
  #waiting: { readonly table: ServiceTable; readonly diff: ServiceDiff | undefined } | undefined;
  #running: Promise<void> | undefined;

  constructor(plane: KernelPlane, problems: ProblemSink, events: KernelEvents) {
    this.#plane = plane;
    this.#problems = problems;
    this.#events = events;
  }

  /** False once a change has waited too long for the kernel: kube-proxy's rule. */
  get isHealthy(): boolean {
    return this.#plane.isHealthy;
  }

  publish(table: ServiceTable, diff: ServiceDiff | undefined): void {
    this.#waiting = { table, diff: this.#waiting ? undefined : diff };
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
  }

  /** The rules and map elements that one Service port has of its own, as `plan` prints them. */
  rulesOf(port: ServicePort): readonly string[] {
    const lines = (ports: ServiceTable['ports']): readonly string[] =>
      this.#plane
        .plan({ generation: 0, ports })
        .split('\n')
        .map((line) => line.trim());
    const everybodys = new Set(lines(new Map()));
    return lines(new Map([[port.key, port]])).filter((line) => !everybodys.has(line));
  }

  /** Forwarding goes on: it is the kernel's. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#waiting = undefined;
    await this.#running;
    await this.#plane[Symbol.asyncDispose]();
  }

  async #run(): Promise<void> {
    while (this.#waiting) {
      const { table, diff } = this.#waiting;
      this.#waiting = undefined;
      try {
        await this.#plane.apply(table, diff);
        this.#problems.replace(problemSource, []);
        this.#hasApplied = true;
        this.#events.applied(table.generation);
      } catch (error) {
        this.#refused(error);
      }
    }
  }

  #refused(error: unknown): void {
    if (!this.#hasApplied && error instanceof DataPlaneError && !error.retryable) {
      // It ends the start, and whoever ends it says why.
      this.#events.impossible(error);
      return;
    }
    const reason = error instanceof DataPlaneError ? error.code : 'TableRefused';
    const message = `Services are not programmed as they should be: ${describeError(error)}`;
    this.#problems.replace(problemSource, [{ severity: 'error', reason, message }]);
  }
}
