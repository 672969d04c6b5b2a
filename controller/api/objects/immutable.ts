import type { KubeObject } from '../../objects/index.ts';
import { jsonEqual } from '../../store/index.ts';
import type { StatusCause } from '../patch/index.ts';
import { valueAt } from '../table/value-at.ts';

/** Fields that never change once they have a value, by type. */
const fixedFields: ReadonlyMap<string, readonly string[]> = new Map([
  ['EndpointSlice', ['addressType']],
  ['IngressClass', ['spec.controller']],
  ['Secret', ['type']],
  ['Deployment.apps', ['spec.selector']],
  ['ReplicaSet.apps', ['spec.selector']],
  ['DaemonSet.apps', ['spec.selector']],
  ['StatefulSet.apps', ['spec.selector', 'spec.serviceName']],
]);

/** What an update changes that it must not. */
export function immutableChanges(
  type: string,
  live: KubeObject,
  next: KubeObject,
): readonly StatusCause[] {
  if (type === 'Service') return serviceChanges(live, next);
  const locked = valueAt(live, 'immutable') === true ? ['data', 'binaryData', 'immutable'] : [];
  const fields = [...(fixedFields.get(type) ?? []), ...locked];
  return fields.filter((field) => changes(live, next, field)).map(cause);
}

/** The addresses may go with the type, and may be left out; another one is another Service. */
function serviceChanges(live: KubeObject, next: KubeObject): readonly StatusCause[] {
  const isName = [live, next].some((one) => valueAt(one, 'spec.type') === 'ExternalName');
  const wanted = valueAt(next, 'spec.clusterIP') ?? '';
  const before = valueAt(live, 'spec.clusterIP') ?? '';
  if (isName || wanted === '' || before === '' || wanted === before) return [];
  return [cause('spec.clusterIP')];
}

function changes(live: KubeObject, next: KubeObject, field: string): boolean {
  const before = valueAt(live, field);
  return before !== undefined && !jsonEqual(before, valueAt(next, field));
}

function cause(field: string): StatusCause {
  return {
    reason: 'FieldValueInvalid',
    message: 'Invalid value: field is immutable (delete the object and create it anew)',
    field,
  };
}
