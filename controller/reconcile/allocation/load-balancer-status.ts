import { objectKey, type Service } from '../../objects/index.ts';
import { jsonEqual, type Store } from '../../store/index.ts';
import {
  nothingToDo,
  type ObjectEvent,
  type Plan,
  type Reconciler,
  splitKey,
} from '../reconciler.ts';
import { Allotment, rankOf } from './allotment.ts';
import { Claims } from './claims.ts';
import { type AllocationLedger, MemoryLedger } from './ledger.ts';
import { allotLoadBalancer, askedLoadBalancerIPs, isOurLoadBalancer } from './load-balancer.ts';
import { pooledAddresses, pooledServices } from './pooled-addresses.ts';

/**
 * Gives Services of a real cluster addresses from AddressPools, and nothing else: cluster IPs and
 * node ports are the API server's to give. Without a pool every status is left alone, since
 * another controller may write it.
 */
export class LoadBalancerStatus implements Reconciler {
  readonly name = 'load-balancer-status';
  readonly kinds = ['AddressPool', 'Service'] as const;
  readonly #store: Store;
  readonly #claims = new Claims();
  readonly #ledger: AllocationLedger = new MemoryLedger();

  constructor(store: Store) {
    this.#store = store;
  }

  observe({ type, object }: ObjectEvent): Iterable<string> {
    if (object.kind === 'AddressPool') {
      return pooledServices(this.#store);
    }
    if (object.kind !== 'Service') return [];
    const values = type === 'DELETED' ? [] : askedLoadBalancerIPs(object);
    const key = objectKey(object.metadata);
    return [key, ...this.#claims.replace(key, rankOf(object), new Set(values))];
  }

  plan(key: string): Plan {
    const { namespace, name } = splitKey(key);
    const service = this.#store.get('Service', namespace, name);
    if (!service || !isOurLoadBalancer(service)) return nothingToDo;
    const pools = pooledAddresses(this.#store);
    if (pools.size === 0) return nothingToDo;
    this.#claims.replace(key, rankOf(service), new Set(askedLoadBalancerIPs(service)));
    const allotment = new Allotment(service, this.#claims, this.#ledger);
    const families = service.spec?.ipFamilies ?? ['IPv4'];
    const wanted = allotLoadBalancer(allotment, families, pools) ?? [];
    const { problems } = allotment;
    const current = service.status?.loadBalancer?.ingress ?? [];
    if (jsonEqual(current.map(withoutMode), wanted)) return { operations: [], problems };
    const object: Service = {
      ...service,
      status: { ...service.status, loadBalancer: { ingress: wanted } },
    };
    return { operations: [{ kind: 'updateStatus', object }], problems };
  }
}

/** `ipMode` and `ports` are filled in by API servers, and do not make another address. */
function withoutMode({ ip }: { readonly ip?: string }): { readonly ip?: string } {
  return ip === undefined ? {} : { ip };
}
