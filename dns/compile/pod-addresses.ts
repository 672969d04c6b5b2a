import { objectKey, type Pod } from '../../controller/objects/index.ts';
import { canonicalAddress } from '../wire/index.ts';

/** The addresses of Pods by namespace, for `pods verified`. Several Pods may share the host's. */
export class PodAddresses {
  readonly #byPod: Map<string, { namespace: string; addresses: readonly string[] }> = new Map();
  /** Namespace → address → how many Pods have it. */
  readonly #counts: Map<string, Map<string, number>> = new Map();

  /** Takes changes in; returns the namespaces whose set of addresses changed. */
  update(upserted: readonly Pod[], removed: readonly string[]): ReadonlySet<string> {
    const changed = new Set<string>();
    for (const key of removed) this.#drop(key, changed);
    for (const pod of upserted) {
      const key = objectKey(pod.metadata);
      const namespace = pod.metadata.namespace ?? '';
      const addresses = addressesOf(pod);
      if (sameAddresses(this.#byPod.get(key)?.addresses ?? [], addresses)) continue;
      this.#drop(key, changed);
      if (addresses.length > 0) this.#add(key, namespace, addresses, changed);
    }
    return changed;
  }

  addresses(namespace: string): readonly string[] {
    return [...(this.#counts.get(namespace)?.keys() ?? [])];
  }

  #add(key: string, namespace: string, addresses: readonly string[], changed: Set<string>): void {
    this.#byPod.set(key, { namespace, addresses });
    const counts = this.#counts.get(namespace) ?? new Map<string, number>();
    this.#counts.set(namespace, counts);
    for (const address of addresses) {
      const count = counts.get(address) ?? 0;
      counts.set(address, count + 1);
      if (count === 0) changed.add(namespace);
    }
  }

  #drop(key: string, changed: Set<string>): void {
    const pod = this.#byPod.get(key);
    if (!pod) return;
    this.#byPod.delete(key);
    const counts = this.#counts.get(pod.namespace);
    for (const address of pod.addresses) {
      const count = counts?.get(address) ?? 0;
      if (count > 1) {
        counts?.set(address, count - 1);
      } else {
        counts?.delete(address);
        changed.add(pod.namespace);
      }
    }
    if (counts?.size === 0) this.#counts.delete(pod.namespace);
  }
}

/** A Pod that is being deleted is gone. */
function addressesOf(pod: Pod): readonly string[] {
  if (pod.metadata.deletionTimestamp !== undefined) return [];
  const { podIP, podIPs } = pod.status ?? {};
  const texts = podIPs?.length ? podIPs.map(({ ip }) => ip) : podIP === undefined ? [] : [podIP];
  return [...new Set(texts.flatMap((text) => canonicalAddress(text) ?? []))];
}

function sameAddresses(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((address, i) => address === b[i]);
}
