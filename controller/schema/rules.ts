import type { AnyObject } from '../objects/index.ts';
import type { AdmitOptions } from './admit.ts';
import { checkConfigMap, checkSecret } from './config.ts';
import { checkEndpointSlice } from './endpoint-slice.ts';
import { checkEndpoints } from './endpoints.ts';
import { checkIngressClass } from './ingress-class.ts';
import { checkIngress } from './ingress.ts';
import type { Issues } from './issue.ts';
import { checkMetadata } from './metadata.ts';
import { checkNode } from './node.ts';
import { checkPod } from './pod.ts';
import { checkService } from './service.ts';

/** What the API server demands beyond types. The object's shape must have been checked before. */
export function checkRules(object: AnyObject, issues: Issues, options: AdmitOptions): void {
  checkMetadata(object, issues);
  switch (object.kind) {
    case 'Service':
      return checkService(object, issues, options);
    case 'EndpointSlice':
      return checkEndpointSlice(object, issues, options);
    case 'Endpoints':
      return checkEndpoints(object, issues, options);
    case 'Ingress':
      return checkIngress(object, issues);
    case 'IngressClass':
      return checkIngressClass(object, issues);
    case 'Pod':
      return checkPod(object, issues, options);
    case 'Node':
      return checkNode(object, issues);
    case 'Secret':
      return checkSecret(object, issues);
    case 'ConfigMap':
      return checkConfigMap(object, issues);
    case 'Namespace':
    // Written by the health engine alone: its shape is all there is to check.
    case 'EndpointHealth':
    // Their fields are judged where they are read: what is possible depends on the node.
    case 'AddressPool':
    case 'VirtualIP':
      return undefined;
    default:
      return object satisfies never;
  }
}
