import type { ListenAddress, Problem } from '../../../controller/base/index.ts';
import type { ServicePort } from '../../compile/table.ts';
import type { AddressClaims } from './address-claims.ts';
import { bindProblem, protocolProblem } from './bind-problem.ts';
import { Binding, type BindingOptions, type BoundListener } from './binding.ts';
import type { ListenPoint } from './listen-plan.ts';

/** What the listeners of one Service port need. */
export interface PortListenersOptions extends Pick<BindingOptions, 'clock' | 'changed'> {
  readonly claims: AddressClaims;
  /** @throws NodeJS.ErrnoException if the address can't be had */
  readonly listen: (binding: Binding) => Promise<BoundListener>;
}

/**
 * The listening addresses of one Service port. A change closes what the plan no longer names and
 * opens what is new in it; everything else stays the same socket.
 */
export class PortListeners {
  readonly #options: PortListenersOptions;
  readonly #bindings = new Map<string, Binding>();

  constructor(options: PortListenersOptions) {
    this.#options = options;
  }

  /** Closes every address that `plan` does not name, so that another Service port can have it. */
  async close(port: ServicePort, plan: ReadonlyMap<string, ListenPoint>): Promise<void> {
    for (const [address, binding] of this.#bindings) {
      if (plan.has(address)) continue;
      this.#bindings.delete(address);
      await binding[Symbol.asyncDispose]();
      this.#options.claims.release(claimOf(port, address), port.key);
    }
  }

  /** Opens every address of `plan` that is not open yet; what fails is tried again later. */
  async open(port: ServicePort, plan: ReadonlyMap<string, ListenPoint>): Promise<void> {
    const opening: Promise<void>[] = [];
    for (const [address, point] of plan) {
      const known = this.#bindings.get(address);
      if (known) known.point = point;
      else opening.push(this.#bind(port, address, point));
    }
    await Promise.all(opening);
  }

  /** Everything that keeps the Service port from being served as it should. */
  problems(port: ServicePort): readonly Problem[] {
    if (port.protocol === 'SCTP') return [protocolProblem(port)];
    return [...this.#bindings.values()].flatMap(({ point, failure }) =>
      failure ? [bindProblem(port, point, failure)] : [],
    );
  }

  addresses(port: ServicePort): readonly ListenAddress[] {
    const name = `${port.namespace}/${port.name}:${port.portName || port.port}`;
    return [...this.#bindings.values()].flatMap(({ point, listener }) =>
      listener ? [{ name, host: point.host, port: listener.port }] : [],
    );
  }

  #bind(port: ServicePort, address: string, point: ListenPoint): Promise<void> {
    const { clock, changed, claims, listen } = this.#options;
    const binding: Binding = new Binding(point, {
      clock,
      changed,
      listen: async () => {
        claims.claim(claimOf(port, address), port.key);
        return listen(binding);
      },
    });
    this.#bindings.set(address, binding);
    return binding.open();
  }
}

function claimOf({ protocol }: ServicePort, address: string): string {
  return `${protocol} ${address}`;
}
