import { canonicalAddress } from '../compile/index.ts';
import type { ServicePort } from '../compile/table.ts';
import type { UdpFlow } from './flow.ts';

/** Whom flows may go to, by destination: no entry means that the destination is not judged. */
export class AllowedEndpoints {
  readonly #byAddress = new Map<string, Set<string>>();
  readonly #byNodePort = new Map<number, Set<string>>();

  /** Judges flows to a Service port's addresses, of which nobody may be served as far as known. */
  judge(port: ServicePort): void {
    for (const key of addressKeys(port)) getOrMake(this.#byAddress, key);
    if (port.nodePort > 0) getOrMake(this.#byNodePort, port.nodePort);
  }

  /** Lets flows to the Service port go on to whatever of it serves, whoever new flows go to. */
  allow(port: ServicePort): void {
    const used = [...port.clusterEndpoints, ...port.localEndpoints].map(({ address }) => address);
    for (const address of [...used, ...(port.alsoServing ?? [])]) {
      for (const key of addressKeys(port)) getOrMake(this.#byAddress, key).add(address);
      if (port.nodePort > 0) getOrMake(this.#byNodePort, port.nodePort).add(address);
    }
  }

  /**
   * True for a flow that would never reach an endpoint again: to one that is gone, or to the
   * Service's own address since it began while there was none.
   */
  isStale(flow: UdpFlow, isNodeAddress: (address: string) => boolean): boolean {
    const destination = canonicalAddress(flow.destination) ?? flow.destination;
    const allowed =
      this.#byAddress.get(`${destination} ${flow.destinationPort}`) ??
      (isNodeAddress(destination) ? this.#byNodePort.get(flow.destinationPort) : undefined);
    const replySource = canonicalAddress(flow.replySource) ?? flow.replySource;
    return allowed !== undefined && !allowed.has(replySource);
  }
}

function addressKeys(port: ServicePort): readonly string[] {
  const addresses = [...port.externalIPs, ...port.loadBalancerIPs];
  if (port.clusterIP !== undefined) addresses.push(port.clusterIP);
  return addresses.map((address) => `${address} ${port.port}`);
}

function getOrMake<K>(map: Map<K, Set<string>>, key: K): Set<string> {
  const found = map.get(key) ?? new Set<string>();
  map.set(key, found);
  return found;
}
