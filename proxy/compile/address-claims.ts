import type { ServicePort } from './table.ts';

/** One Service port's wish for one address, or for one node port. */
interface Claim {
  readonly portKey: string;
  readonly serviceKey: string;
  /** The smallest wins: oldest, then first by name. */
  readonly rank: string;
}

/** Where a port is reached, as a key: two Services cannot both be there. */
function claimsOf(port: ServicePort): readonly string[] {
  const claims = port.clusterIP === undefined ? [] : [addressClaim(port, port.clusterIP)];
  if (port.nodePort > 0) claims.push(nodePortClaim(port));
  for (const ip of port.externalIPs) claims.push(addressClaim(port, ip));
  for (const ip of port.loadBalancerIPs) claims.push(addressClaim(port, ip));
  return claims;
}

export function addressClaim({ port, protocol }: ServicePort, address: string): string {
  return `${address} ${port}/${protocol}`;
}

export function nodePortClaim({ family, nodePort, protocol }: ServicePort): string {
  return `${family} nodePort ${nodePort}/${protocol}`;
}

/** Who is where. Settles which Service keeps an address that several claim: the oldest. */
export class AddressClaims {
  readonly #claims = new Map<string, readonly Claim[]>();
  readonly #byService = new Map<string, readonly ServicePort[]>();

  /**
   * Replaces a Service's claims by those of `ports` (none: it is gone). `age` is a text that sorts
   * by creation. Returns the Services, this one left out, whose lot this may change.
   */
  replace(serviceKey: string, age: string, ports: readonly ServicePort[]): ReadonlySet<string> {
    const affected = new Set<string>();
    for (const port of this.#byService.get(serviceKey) ?? []) this.#withdraw(port, affected);
    if (ports.length === 0) this.#byService.delete(serviceKey);
    else this.#byService.set(serviceKey, ports);
    for (const port of ports) this.#file(port, serviceKey, `${age} ${port.key}`, affected);
    affected.delete(serviceKey);
    return affected;
  }

  /** The key of the ServicePort that has this address before `port`; undefined: nobody. */
  holderBefore(port: ServicePort, claim: string): string | undefined {
    const holder = this.#claims.get(claim)?.[0]?.portKey;
    return holder === port.key ? undefined : holder;
  }

  #file(port: ServicePort, serviceKey: string, rank: string, affected: Set<string>): void {
    for (const claim of claimsOf(port)) {
      const others = this.#claims.get(claim);
      const mine: Claim = { portKey: port.key, serviceKey, rank };
      if (others) for (const other of others) affected.add(other.serviceKey);
      this.#claims.set(claim, others ? [...others, mine].toSorted(byRank) : [mine]);
    }
  }

  #withdraw(port: ServicePort, affected: Set<string>): void {
    for (const claim of claimsOf(port)) {
      const left = this.#claims.get(claim)?.filter(({ portKey }) => portKey !== port.key) ?? [];
      for (const other of left) affected.add(other.serviceKey);
      if (left.length > 0) this.#claims.set(claim, left);
      else this.#claims.delete(claim);
    }
  }
}

function byRank(a: Claim, b: Claim): number {
  return a.rank < b.rank ? -1 : 1;
}
