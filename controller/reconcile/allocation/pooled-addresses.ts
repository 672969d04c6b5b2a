import { ConfigError } from '../../base/index.ts';
import { objectKey } from '../../objects/index.ts';
import type { Store } from '../../store/index.ts';
import { type AddressRange, parseAddressRange } from './address-range.ts';
import { isOurLoadBalancer } from './load-balancer.ts';
import { type PoolsByFamily, poolsByFamily } from './pool.ts';

/** What AddressPools offer now. A range that makes no sense offers nothing; who holds them says so. */
export function pooledAddresses(store: Pick<Store, 'list'>): PoolsByFamily {
  const texts = store.list('AddressPool').items.flatMap(({ spec }) => spec.addresses);
  return poolsByFamily(texts.flatMap(rangeIn));
}

/** Keys of the Services to look at again when a pool changed. */
export function pooledServices(store: Pick<Store, 'list'>): readonly string[] {
  const { items } = store.list('Service');
  return items.filter(isOurLoadBalancer).map(({ metadata }) => objectKey(metadata));
}

function rangeIn(text: string): readonly AddressRange[] {
  try {
    return [parseAddressRange(text)];
  } catch (error) {
    if (error instanceof ConfigError) return [];
    throw error;
  }
}
