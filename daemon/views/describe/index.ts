import { type AnyObject, type Kind, kinds } from '../../../controller/objects/index.ts';
import type { Resource } from '../resources.ts';
import type { ViewInput } from '../view-input.ts';
import { commonSections, problemSection } from './common.ts';
import { renderDescription, type Section } from './description.ts';
import { describeEndpointSlice } from './endpoint-slice.ts';
import { describeIngress } from './ingress.ts';
import { smallSections } from './other.ts';
import { describePod } from './pod.ts';
import { describeService } from './service.ts';

/**
 * The text of `portolan describe`; undefined when there is no such object. Problems have no
 * description of their own: their objects show them. `endpoints NAME` describes the Service.
 */
export function describeObject(
  resource: Resource,
  namespace: string,
  name: string,
  input: ViewInput,
): string | undefined {
  if (resource === 'Problem') return undefined;
  const object = find(resource, namespace, name, input);
  return object && renderDescription(sectionsOf(object, input));
}

function find(
  kind: Kind,
  namespace: string,
  name: string,
  { store }: ViewInput,
): AnyObject | undefined {
  const scope = kinds[kind].namespaced ? namespace : '';
  // Most Services have no Endpoints object; who asks for endpoints wants those of the Service.
  if (kind === 'Endpoints')
    return store.get('Service', scope, name) ?? store.get(kind, scope, name);
  return store.get(kind, scope, name);
}

function sectionsOf(object: AnyObject, input: ViewInput): readonly Section[] {
  switch (object.kind) {
    case 'Service':
      return describeService(object, input);
    case 'Ingress':
      return describeIngress(object, input);
    case 'EndpointSlice':
      return describeEndpointSlice(object, input);
    case 'Pod':
      return describePod(object, input);
    case 'AddressPool':
    case 'VirtualIP':
    case 'ConfigMap':
    case 'EndpointHealth':
    case 'Endpoints':
    case 'IngressClass':
    case 'Namespace':
    case 'Node':
    case 'Secret':
      return [
        ...commonSections(object, input),
        ...smallSections(object, input),
        problemSection(object, input),
      ];
  }
}
