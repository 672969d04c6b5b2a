import { Namespace } from './namespace.ts';

/**
 * A node with Pods, a Pod of another node, and a host outside, each in a namespace of its own:
 *
 *     pod-a, pod-b, client ── bridge cbr0 ─ node ─ eth0 ── outside
 *                                             └─── far ── pod-far (of another node)
 *
 * Every address ends in the number given here; IPv4 and IPv6 alike.
 */
export const addresses = {
  IPv4: {
    podA: '10.244.0.2',
    podB: '10.244.0.3',
    client: '10.244.0.4',
    podFar: '10.244.1.2',
    node: '192.0.2.1',
    nodeToPods: '10.244.0.1',
    nodeToFar: '10.244.1.1',
    outside: '192.0.2.100',
  },
  IPv6: {
    podA: 'fd44::2',
    podB: 'fd44::3',
    client: 'fd44::4',
    podFar: 'fd44:1::2',
    node: '2001:db8::1',
    nodeToPods: 'fd44::1',
    nodeToFar: 'fd44:1::1',
    outside: '2001:db8::100',
  },
} as const;

/** Addresses of this node's Pods. */
export const podCidrs: readonly string[] = ['10.244.0.0/24', 'fd44::/64'];
/** Where every Pod serves. */
export const targetPort = 8080;

export type HostName = 'node' | 'podA' | 'podB' | 'client' | 'podFar' | 'outside';

let labsMade = 0;

export class Lab implements AsyncDisposable {
  readonly hosts: Readonly<Record<HostName, Namespace>>;
  readonly #stack: AsyncDisposableStack;

  private constructor(hosts: Readonly<Record<HostName, Namespace>>, stack: AsyncDisposableStack) {
    this.hosts = hosts;
    this.#stack = stack;
  }

  /** Needs root. On failure nothing stays behind. */
  static async build(): Promise<Lab> {
    await using stack = new AsyncDisposableStack();
    labsMade += 1;
    const make = (name: string): Namespace =>
      stack.use(new Namespace(`portolan-${process.pid}-${labsMade}-${name}`));
    const hosts = {
      node: make('node'),
      podA: make('pod-a'),
      podB: make('pod-b'),
      client: make('client'),
      podFar: make('pod-far'),
      outside: make('outside'),
    };
    const lab = new Lab(hosts, stack.move());
    try {
      await lab.#wire();
      await lab.#serve();
      return lab;
    } catch (error) {
      await lab[Symbol.asyncDispose]();
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }

  async #wire(): Promise<void> {
    const { node, podA, podB, client, podFar, outside } = this.hosts;
    const { IPv4, IPv6 } = addresses;
    await node.ip(['link set lo up', 'link add cbr0 type bridge', 'link set cbr0 up']);
    await node.sysctl(
      'net.ipv4.ip_forward=1',
      'net.ipv6.conf.all.forwarding=1',
      'net.ipv4.conf.all.rp_filter=0',
      'net.ipv4.conf.default.rp_filter=0',
      // Each refused client must be told, however many there are at once.
      'net.ipv4.icmp_ratelimit=0',
      'net.ipv6.icmp.ratelimit=0',
    );
    await node.ip(addressLines('cbr0', IPv4.nodeToPods, IPv6.nodeToPods));
    for (const [pod, name] of [
      [podA, 'podA'],
      [podB, 'podB'],
      [client, 'client'],
    ] as const) {
      await this.#link(name, pod);
      // Hairpin mode: a Pod's packet may leave where it came in, as CNI plugins set it up.
      await node.ip([
        `link set ${name} master cbr0`,
        `link set ${name} type bridge_slave hairpin on`,
      ]);
      await connectHost(pod, IPv4[name], IPv6[name], IPv4.nodeToPods, IPv6.nodeToPods);
    }
    await this.#link('far', podFar);
    await node.ip(addressLines('far', IPv4.nodeToFar, IPv6.nodeToFar));
    await connectHost(podFar, IPv4.podFar, IPv6.podFar, IPv4.nodeToFar, IPv6.nodeToFar);
    await this.#link('eth0', outside);
    await node.ip([
      ...addressLines('eth0', IPv4.node, IPv6.node),
      `route add default via ${IPv4.outside}`,
      `route add default via ${IPv6.outside}`,
    ]);
    await connectHost(outside, IPv4.outside, IPv6.outside, IPv4.node, IPv6.node);
  }

  /** A cable from the node's interface `name` to `host`'s `eth0`. */
  async #link(name: string, host: Namespace): Promise<void> {
    const { node } = this.hosts;
    await node.ip([
      `link add ${name} type veth peer name eth0 netns ${host.name}`,
      `link set ${name} up`,
    ]);
  }

  async #serve(): Promise<void> {
    for (const name of ['podA', 'podB', 'podFar'] as const) {
      for (const { [name]: host } of [addresses.IPv4, addresses.IPv6]) {
        const served = await this.hosts[name].tell({ kind: 'serve', name, host, port: targetPort });
        if (served !== 'serving') throw new Error(`${name} cannot serve on ${host}: ${served}`);
      }
    }
  }
}

async function connectHost(
  host: Namespace,
  v4: string,
  v6: string,
  gateway4: string,
  gateway6: string,
): Promise<void> {
  await host.ip([
    'link set lo up',
    'link set eth0 up',
    ...addressLines('eth0', v4, v6),
    `route add default via ${gateway4}`,
    `route add default via ${gateway6}`,
  ]);
}

/** `nodad`: duplicate address detection would keep IPv6 from working for a second. */
function addressLines(device: string, v4: string, v6: string): readonly string[] {
  return [`addr add ${v4}/24 dev ${device}`, `addr add ${v6}/64 dev ${device} nodad`];
}
