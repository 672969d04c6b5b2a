import { viewAddressPools } from './address-pools.ts';
import { viewConfigMaps } from './config-maps.ts';
import { viewEndpointHealths } from './endpoint-healths.ts';
import { viewEndpointSlices } from './endpoint-slices.ts';
import { viewEndpoints } from './endpoints.ts';
import { viewIngressClasses } from './ingress-classes.ts';
import { viewIngresses } from './ingresses.ts';
import { viewNamespaces } from './namespaces.ts';
import { viewNodes } from './nodes.ts';
import { viewPods } from './pods.ts';
import { viewProblems } from './problems.ts';
import type { Resource } from './resources.ts';
import { viewSecrets } from './secrets.ts';
import { viewServices } from './services.ts';
import { viewVirtualIPs } from './virtual-ips.ts';
import type { ViewInput, ViewQuery } from './view-input.ts';
import type { ViewTable } from './view-table.ts';

/** Makes the list of one resource. Pure: the same input gives the same table. */
type View = (query: ViewQuery, input: ViewInput) => ViewTable;

/** Every resource has a view; the type holds this table to it. */
export const views: { readonly [R in Resource]: View } = {
  AddressPool: viewAddressPools,
  ConfigMap: viewConfigMaps,
  EndpointHealth: viewEndpointHealths,
  EndpointSlice: viewEndpointSlices,
  Endpoints: viewEndpoints,
  Ingress: viewIngresses,
  IngressClass: viewIngressClasses,
  Namespace: viewNamespaces,
  Node: viewNodes,
  Pod: viewPods,
  Problem: viewProblems,
  Secret: viewSecrets,
  Service: viewServices,
  VirtualIP: viewVirtualIPs,
};
