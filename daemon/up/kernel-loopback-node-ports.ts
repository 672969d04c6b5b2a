import { describeError, type Log } from '../../controller/base/index.ts';
import type { ServicePort, ServiceTable, UserspacePlane } from '../../proxy/index.ts';

/**
 * NodePorts on 127.0.0.1 and ::1 in the kernel modes: no rule can serve them without
 * `route_localnet`, which lets neighbours in, so this process listens there itself, for TCP
 * (KEP-6032). Meant for tools on the node; unlike the rules it ends with the process.
 */
export class LoopbackNodePorts implements AsyncDisposable {
  readonly #plane: UserspacePlane;
  readonly #log: Log;
  /** The same port gives the same object: the plane finds what changed by that. */
  readonly #reduced = new WeakMap<ServicePort, ServicePort>();
  #waiting: ServiceTable | undefined = undefined;
  #running: Promise<void> | undefined = undefined;

  /** `plane` must serve NodePorts on loopback alone; it ends with this. */
  constructor(plane: UserspacePlane, log: Log) {
    this.#plane = plane;
    this.#log = log;
  }

  publish(table: ServiceTable): void {
    this.#waiting = table;
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#waiting = undefined;
    await this.#running;
    await this.#plane[Symbol.asyncDispose]();
  }

  async #run(): Promise<void> {
    while (this.#waiting) {
      const { generation, ports } = this.#waiting;
      this.#waiting = undefined;
      const own = [...ports.values()].filter(
        ({ nodePort, protocol }) => nodePort !== 0 && protocol === 'TCP',
      );
      const table = new Map(own.map((port) => [port.key, this.#reduce(port)]));
      try {
        await this.#plane.apply({ generation, ports: table }, undefined);
      } catch (error) {
        this.#log.error({ error: describeError(error) }, 'NodePorts on loopback were not changed');
      }
    }
  }

  #reduce(port: ServicePort): ServicePort {
    const known = this.#reduced.get(port);
    if (known) return known;
    const reduced = { ...port, clusterIP: undefined, externalIPs: [], loadBalancerIPs: [] };
    this.#reduced.set(port, reduced);
    return reduced;
  }
}
