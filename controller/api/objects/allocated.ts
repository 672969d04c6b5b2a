import type { KubeObject } from '../../objects/index.ts';
import type { ApiContext } from '../server/context.ts';
import { valueAt } from '../table/value-at.ts';

/** Allocation takes a millisecond; whoever waits this long gets the Service as it is. */
const longestWaitMs = 500;

/**
 * A Service as it is once it has its cluster IP, so that the answer to a write names it: whoever
 * allocates sees the Service after it is stored.
 */
export async function allocated(context: ApiContext, object: KubeObject): Promise<KubeObject> {
  if (!waitsForAddress(object)) return object;
  const { namespace = '', name, uid } = object.metadata;
  const { promise, resolve } = Promise.withResolvers<KubeObject>();
  const look = (): void => {
    const now = context.objects.get('Service', namespace, name);
    if (now === undefined || now.metadata.uid !== uid) resolve(object);
    else if (!waitsForAddress(now)) resolve(now);
  };
  using _timer = context.clock.schedule(longestWaitMs, () => resolve(object));
  using _watch = context.objects.watch(
    { types: ['Service'], namespace, fieldSelector: `metadata.name=${name}` },
    look,
  );
  look();
  return await promise;
}

function waitsForAddress(object: KubeObject): boolean {
  if (object.kind !== 'Service' || object.apiVersion !== 'v1') return false;
  if (valueAt(object, 'spec.type') === 'ExternalName') return false;
  return (valueAt(object, 'spec.clusterIP') ?? '') === '';
}
