import type { AddressPool } from './address-pool.ts';
import type { ConfigMap, Secret } from './config.ts';
import type { EndpointHealth } from './endpoint-health.ts';
import type { EndpointSlice } from './endpoint-slice.ts';
import type { Endpoints } from './endpoints.ts';
import type { Ingress, IngressClass } from './ingress.ts';
import type { Service } from './service.ts';
import type { VirtualIP } from './virtual-ip.ts';
import type { Namespace, Node, Pod } from './workloads.ts';

/** The kinds that the store holds, by kind name. */
export interface KindMap {
  AddressPool: AddressPool;
  ConfigMap: ConfigMap;
  EndpointHealth: EndpointHealth;
  EndpointSlice: EndpointSlice;
  Endpoints: Endpoints;
  Ingress: Ingress;
  IngressClass: IngressClass;
  Namespace: Namespace;
  Node: Node;
  Pod: Pod;
  Secret: Secret;
  Service: Service;
  VirtualIP: VirtualIP;
}

export type Kind = keyof KindMap;
export type AnyObject = KindMap[Kind];

/** How a kind is addressed in the API. */
export interface KindInfo {
  readonly apiVersion: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly namespaced: boolean;
}

export const kinds: { readonly [K in Kind]: KindInfo } = {
  AddressPool: kind('portolan.dev/v1alpha1', 'addresspools', 'addresspool', false),
  ConfigMap: kind('v1', 'configmaps', 'configmap', true, 'cm'),
  EndpointHealth: kind('portolan.dev/v1alpha1', 'endpointhealths', 'endpointhealth', true, 'eph'),
  EndpointSlice: kind('discovery.k8s.io/v1', 'endpointslices', 'endpointslice', true),
  Endpoints: kind('v1', 'endpoints', 'endpoints', true, 'ep'),
  Ingress: kind('networking.k8s.io/v1', 'ingresses', 'ingress', true, 'ing'),
  IngressClass: kind('networking.k8s.io/v1', 'ingressclasses', 'ingressclass', false),
  Namespace: kind('v1', 'namespaces', 'namespace', false, 'ns'),
  Node: kind('v1', 'nodes', 'node', false, 'no'),
  Pod: kind('v1', 'pods', 'pod', true, 'po'),
  Secret: kind('v1', 'secrets', 'secret', true),
  Service: kind('v1', 'services', 'service', true, 'svc'),
  VirtualIP: kind('portolan.dev/v1alpha1', 'virtualips', 'virtualip', false, 'vip', 'vips'),
};

function kind(
  apiVersion: string,
  plural: string,
  singular: string,
  namespaced: boolean,
  ...shortNames: readonly string[]
): KindInfo {
  return { apiVersion, plural, singular, namespaced, shortNames };
}

/** True for kinds that the store holds in the version it holds them. */
export function isKnownKind(apiVersion: string, name: string): name is Kind {
  return Object.hasOwn(kinds, name) && kinds[name as Kind].apiVersion === apiVersion;
}
