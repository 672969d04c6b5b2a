import { BlockList, isIP, isIPv6 } from 'node:net';
import { forwardedElement, forwardedHops } from './forwarded.ts';
import { canonicalClientIP } from '../../../proxy/balancer/index.ts';

/** Who sent a request, and how it reached the edge. */
export interface ClientIdentity {
  /** Canonical: an IPv4 address is never written as IPv6. */
  readonly address: string;
  /** Value of X-Forwarded-For to send on. */
  readonly forwardedFor: string;
  readonly scheme: 'http' | 'https';
  readonly forwardedHost: string;
  readonly forwardedPort: string;
  /** Value of Forwarded (RFC 7239) to send on; '' where nobody in front of us speaks it. */
  readonly forwarded: string;
}

/** What the connection itself tells. */
export interface ConnectionFacts {
  readonly peer: string;
  readonly scheme: 'http' | 'https';
  /** Host field, with port as sent. */
  readonly host: string;
  /** The port listened on. */
  readonly port: number;
}

/** The fields as they came, each as one list. */
export interface ForwardedFields {
  readonly for: string | undefined;
  readonly proto: string | undefined;
  readonly host: string | undefined;
  readonly port: string | undefined;
  readonly forwarded: string | undefined;
}

/** Decides what a client may say about itself: nothing, unless its address is trusted. */
export class ClientIdentifier {
  readonly #trusted = new BlockList();
  readonly #isEmpty: boolean;

  /** `trustedProxies`: CIDRs or addresses. @throws RangeError on any other text */
  constructor(trustedProxies: readonly string[]) {
    this.#isEmpty = trustedProxies.length === 0;
    for (const text of trustedProxies) addNetwork(this.#trusted, text);
  }

  identify(facts: ConnectionFacts, sent: ForwardedFields): ClientIdentity {
    const peer = canonicalClientIP(facts.peer);
    if (this.#isEmpty || !this.#isTrusted(peer)) {
      const forwardedPort = `${facts.port}`;
      const { scheme, host } = facts;
      const told = { forwardedHost: host, forwardedPort, forwarded: '' };
      return { address: peer, forwardedFor: peer, scheme, ...told };
    }
    const listed = (sent.for ?? '').split(',').flatMap((hop) => hop.trim() || []);
    // The older fields count first: who appends to them rarely knows of the newer one.
    const hops = sent.for === undefined ? forwardedHops(sent.forwarded ?? '') : listed;
    const scheme = sent.proto?.toLowerCase();
    return {
      address: this.#firstStranger(hops, peer),
      forwardedFor: [...hops, peer].join(', '),
      scheme: scheme === 'http' || scheme === 'https' ? scheme : facts.scheme,
      forwardedHost: sent.host ?? facts.host,
      forwardedPort: sent.port ?? `${facts.port}`,
      forwarded:
        sent.forwarded === undefined ? '' : `${sent.forwarded}, ${forwardedElement(peer, facts)}`,
    };
  }

  /** Whether the peer itself may speak for others. */
  trusts(peer: string): boolean {
    return this.#isTrusted(canonicalClientIP(peer));
  }

  /** From the right: what trusted proxies added themselves, up to the first that is not one. */
  #firstStranger(hops: readonly string[], peer: string): string {
    let address = peer;
    for (const hop of hops.toReversed()) {
      if (isIP(hop) === 0) break;
      address = canonicalClientIP(hop);
      if (!this.#isTrusted(address)) break;
    }
    return address;
  }

  #isTrusted(address: string): boolean {
    return this.#trusted.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
  }
}

function addNetwork(list: BlockList, text: string): void {
  const [address = '', length] = text.split('/');
  const family = isIPv6(address) ? 'ipv6' : 'ipv4';
  if (length === undefined) list.addAddress(address, family);
  else list.addSubnet(address, Number(length), family);
}
