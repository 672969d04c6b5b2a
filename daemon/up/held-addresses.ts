import {
  startVirtualIPs,
  type VirtualIPOptions,
  type VirtualIPs,
  type VirtualIPStatus,
} from '../../controller/vip/index.ts';

/** Kinds after whose changes the virtual IPs are looked at again; Services they watch themselves. */
const watchedKinds = ['AddressPool', 'Node', 'Secret', 'VirtualIP'] as const;

/** Keeps the virtual IPs of this node as the objects in the store want them. */
export class HeldAddresses implements AsyncDisposable {
  readonly #store: VirtualIPOptions['store'];
  readonly #virtualIPs: VirtualIPs;
  readonly #watch: Disposable;
  #scheduled: NodeJS.Immediate | undefined;

  constructor(options: VirtualIPOptions) {
    this.#store = options.store;
    this.#virtualIPs = startVirtualIPs(options);
    this.#watch = options.store.watch({ kinds: watchedKinds, sendInitialEvents: true }, () => {
      this.#scheduled ??= setImmediate(() => this.#apply());
    });
  }

  status(): readonly VirtualIPStatus[] {
    return this.#virtualIPs.status();
  }

  /** To be called when what this node serves may have changed. */
  planesChanged(): void {
    this.#virtualIPs.planesChanged();
  }

  /** Says goodbye, and holds each address until its successor is heard. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#watch[Symbol.dispose]();
    clearImmediate(this.#scheduled);
    await this.#virtualIPs[Symbol.asyncDispose]();
  }

  #apply(): void {
    this.#scheduled = undefined;
    const { items } = this.#store.list('VirtualIP');
    this.#virtualIPs.apply(items, this.#store.list('AddressPool').items);
  }
}
