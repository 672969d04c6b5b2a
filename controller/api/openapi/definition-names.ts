import { splitApiVersion } from './open-api-resource.ts';

/** Packages in which upstream declares types, by what their names begin with. The first fits. */
const packages: readonly (readonly [RegExp, string])[] = [
  [
    /^V1(?:ObjectMeta|OwnerReference|ManagedFieldsEntry|LabelSelector(?:Requirement)?|Condition)$/,
    'io.k8s.apimachinery.pkg.apis.meta.v1',
  ],
  [/^EventsV1/, 'io.k8s.api.events.v1'],
  [
    /^DiscoveryV1|^V1(?:EndpointSlice|Endpoint|EndpointConditions|EndpointHints|For(?:Node|Zone))$/,
    'io.k8s.api.discovery.v1',
  ],
  [
    /^V1(?:Ingress|HTTPIngress|ServiceBackendPort|NetworkPolicy|IPBlock)/,
    'io.k8s.api.networking.v1',
  ],
  [/^V1(?:Deployment|ReplicaSet|RollingUpdate|DaemonSet|StatefulSet)/, 'io.k8s.api.apps.v1'],
  [/^V1(?:CronJob|Job|PodFailurePolicy|SuccessPolicy)/, 'io.k8s.api.batch.v1'],
  [/^RbacV1|^V1(?:ClusterRole|Role|PolicyRule|AggregationRule)/, 'io.k8s.api.rbac.v1'],
  [/^V2/, 'io.k8s.api.autoscaling.v2'],
  [/^V1PodDisruptionBudget/, 'io.k8s.api.policy.v1'],
  [/^V1Lease/, 'io.k8s.api.coordination.v1'],
  [
    /^ApiextensionsV1|^V1(?:CustomResource|JSONSchemaProps|ValidationRule|ExternalDocumentation|SelectableField|WebhookConversion)/,
    'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1',
  ],
  [/^(?:Core)?V1/, 'io.k8s.api.core.v1'],
  [/^/, 'dev.portolan.v1alpha1'],
];

/** The name of a type of the published schema in the documents: upstream's own. */
export function definitionName(type: string): string {
  const folder = packages.find(([pattern]) => pattern.test(type))?.[1] ?? '';
  return `${folder}.${type.replace(/^(?:Core|Discovery|Events|Apiextensions|Rbac)?V[12](?=[A-Z])/, '')}`;
}

/** The name of a custom kind: its group backwards, `com.example.v1.Widget`. */
export function customDefinitionName(apiVersion: string, kind: string): string {
  const { group, version } = splitApiVersion(apiVersion);
  return [...group.split('.').toReversed(), version, kind].join('.');
}

/** The list of a kind. */
export function listName(definition: string): string {
  return `${definition}List`;
}
