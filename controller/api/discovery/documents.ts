import {
  type ApiResource,
  apiVersionOf,
  type Subresource,
  verbsOf,
} from '../resources/resource.ts';
import type { ApiGroup, ResourceRegistry } from '../resources/registry.ts';

/** `GET /api`: the versions of the core group. */
export function coreVersions(): object {
  return {
    kind: 'APIVersions',
    versions: ['v1'],
    serverAddressByClientCIDRs: [],
  };
}

/** `GET /apis`. */
export function groupList(registry: ResourceRegistry): object {
  return { kind: 'APIGroupList', apiVersion: 'v1', groups: registry.groups().map(groupOf) };
}

/** `GET /apis/GROUP`. */
export function groupDocument(group: ApiGroup): object {
  return { kind: 'APIGroup', apiVersion: 'v1', ...groupOf(group) };
}

/** `GET /api/v1` and `/apis/GROUP/VERSION`. */
export function resourceList(registry: ResourceRegistry, group: string, version: string): object {
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: apiVersionOf({ group, version }),
    resources: registry.of(group, version).flatMap(entriesOf),
  };
}

/**
 * Everything at once (apidiscovery.k8s.io APIGroupDiscoveryList), the core group at `/api` and the
 * others at `/apis`. v2 and v2beta1 have the same fields.
 */
export function aggregatedDiscovery(
  registry: ResourceRegistry,
  at: '/api' | '/apis',
  version: 'v2' | 'v2beta1',
): object {
  const groups = at === '/api' ? [{ name: '', versions: ['v1'] }] : registry.groups();
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: `apidiscovery.k8s.io/${version}`,
    metadata: {},
    items: groups.map(({ name, versions }) => ({
      metadata: name === '' ? { creationTimestamp: null } : { name, creationTimestamp: null },
      versions: versions.map((one) => ({
        version: one,
        resources: registry.of(name, one).map(aggregated),
        freshness: 'Current',
      })),
    })),
  };
}

function groupOf({ name, versions }: ApiGroup): object {
  const all = versions.map((version) => ({ groupVersion: `${name}/${version}`, version }));
  return { name, versions: all, preferredVersion: all[0] };
}

function entriesOf(resource: ApiResource): readonly object[] {
  const { plural, singular, namespaced, kind, shortNames, categories } = resource;
  return [
    {
      name: plural,
      singularName: singular,
      namespaced,
      kind,
      verbs: verbsOf(resource),
      ...(shortNames.length > 0 && { shortNames }),
      ...(categories.length > 0 && { categories }),
    },
    ...resource.subresources.map((subresource) => ({
      name: `${plural}/${subresource}`,
      singularName: '',
      namespaced,
      ...gvkOf(resource, subresource),
      verbs: subresourceVerbs(subresource),
    })),
  ];
}

function aggregated(resource: ApiResource): object {
  const { plural, singular, namespaced, kind, shortNames, categories, group, version } = resource;
  return {
    resource: plural,
    responseKind: { group, version, kind },
    scope: namespaced ? 'Namespaced' : 'Cluster',
    singularResource: singular,
    verbs: verbsOf(resource),
    ...(shortNames.length > 0 && { shortNames }),
    ...(categories.length > 0 && { categories }),
    ...(resource.subresources.length > 0 && {
      subresources: resource.subresources.map((subresource) => ({
        subresource,
        responseKind:
          subresource === 'scale'
            ? scaleKind
            : { group, version, kind: responseKindOf(resource, subresource) },
        verbs: subresourceVerbs(subresource),
      })),
    }),
  };
}

const scaleKind = { group: 'autoscaling', version: 'v1', kind: 'Scale' } as const;

function gvkOf(resource: ApiResource, subresource: Subresource): object {
  if (subresource === 'scale') return scaleKind;
  return { kind: responseKindOf(resource, subresource) };
}

/** What kubectl shows beside `services/proxy` is `ServiceProxyOptions`. */
function responseKindOf({ kind }: ApiResource, subresource: Subresource): string {
  return subresource === 'proxy' ? `${kind}ProxyOptions` : kind;
}

function subresourceVerbs(subresource: Subresource): readonly string[] {
  return subresource === 'proxy'
    ? ['create', 'delete', 'get', 'patch', 'update']
    : ['get', 'patch', 'update'];
}
