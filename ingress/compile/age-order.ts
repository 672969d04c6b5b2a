import { type Ingress, objectKey } from '../../controller/objects/index.ts';

/**
 * The order in which Ingresses claim hosts and paths: oldest first. Objects applied together share
 * a second, so ties are common; ingress-nginx breaks them by `namespace/name`, descending, and
 * users see which one wins.
 */
export function byAge(a: Ingress, b: Ingress): number {
  const aged = createdMs(a) - createdMs(b);
  if (aged !== 0) return aged;
  const [keyA, keyB] = [objectKey(a.metadata), objectKey(b.metadata)];
  return keyA < keyB ? 1 : keyA > keyB ? -1 : 0;
}

/** An object without a stamp has not been stored yet: it is younger than all that have. */
function createdMs(ingress: Ingress): number {
  const stamp = Date.parse(ingress.metadata.creationTimestamp ?? '');
  return Number.isNaN(stamp) ? Number.MAX_SAFE_INTEGER : stamp;
}
