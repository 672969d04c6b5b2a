/**
 * How one field is written: a scalar, the name of a message, or one of those in a list (`[x]`) or
 * as values of a map with text keys (`{x}`).
 */
export type FieldType = string;

/** Field numbers of a message, with the name and type that JSON has for it. */
export type Message = Readonly<Record<number, readonly [name: string, type: FieldType]>>;

/**
 * What kubectl and client-go send as protobuf: they prefer it for types of their own since 1.32,
 * and know no way back when it is refused. Numbers as in the generated.proto of k8s.io/api and
 * k8s.io/apimachinery. `inline`: the fields of an embedded message belong to the one around it.
 */
export const messages: Readonly<Record<string, Message>> = {
  Unknown: { 1: ['typeMeta', 'TypeMeta'], 2: ['raw', 'bytes'] },
  TypeMeta: { 1: ['apiVersion', 'string'], 2: ['kind', 'string'] },

  ObjectMeta: {
    1: ['name', 'string'],
    2: ['generateName', 'string'],
    3: ['namespace', 'string'],
    4: ['selfLink', 'string'],
    5: ['uid', 'string'],
    6: ['resourceVersion', 'string'],
    7: ['generation', 'int'],
    8: ['creationTimestamp', 'time'],
    9: ['deletionTimestamp', 'time'],
    10: ['deletionGracePeriodSeconds', 'int'],
    11: ['labels', '{string}'],
    12: ['annotations', '{string}'],
    13: ['ownerReferences', '[OwnerReference]'],
    14: ['finalizers', '[string]'],
  },
  OwnerReference: {
    1: ['kind', 'string'],
    3: ['name', 'string'],
    4: ['uid', 'string'],
    5: ['apiVersion', 'string'],
    6: ['controller', 'bool'],
    7: ['blockOwnerDeletion', 'bool'],
  },
  LabelSelector: {
    1: ['matchLabels', '{string}'],
    2: ['matchExpressions', '[LabelSelectorRequirement]'],
  },
  LabelSelectorRequirement: {
    1: ['key', 'string'],
    2: ['operator', 'string'],
    3: ['values', '[string]'],
  },
  DeleteOptions: {
    1: ['gracePeriodSeconds', 'int'],
    2: ['preconditions', 'Preconditions'],
    3: ['orphanDependents', 'bool'],
    4: ['propagationPolicy', 'string'],
    5: ['dryRun', '[string]'],
  },
  Preconditions: { 1: ['uid', 'string'], 2: ['resourceVersion', 'string'] },

  Namespace: {
    1: ['metadata', 'ObjectMeta'],
    2: ['spec', 'NamespaceSpec'],
    3: ['status', 'NamespaceStatus'],
  },
  NamespaceSpec: { 1: ['finalizers', '[string]'] },
  NamespaceStatus: { 1: ['phase', 'string'] },
  ConfigMap: {
    1: ['metadata', 'ObjectMeta'],
    2: ['data', '{string}'],
    3: ['binaryData', '{base64}'],
    4: ['immutable', 'bool'],
  },
  Secret: {
    1: ['metadata', 'ObjectMeta'],
    2: ['data', '{base64}'],
    3: ['type', 'string'],
    4: ['stringData', '{string}'],
    5: ['immutable', 'bool'],
  },
  ServiceAccount: { 1: ['metadata', 'ObjectMeta'], 4: ['automountServiceAccountToken', 'bool'] },
  Service: {
    1: ['metadata', 'ObjectMeta'],
    2: ['spec', 'ServiceSpec'],
    3: ['status', 'ServiceStatus'],
  },
  ServiceSpec: {
    1: ['ports', '[ServicePort]'],
    2: ['selector', '{string}'],
    3: ['clusterIP', 'string'],
    4: ['type', 'string'],
    5: ['externalIPs', '[string]'],
    7: ['sessionAffinity', 'string'],
    8: ['loadBalancerIP', 'string'],
    9: ['loadBalancerSourceRanges', '[string]'],
    10: ['externalName', 'string'],
    11: ['externalTrafficPolicy', 'string'],
    12: ['healthCheckNodePort', 'int'],
    13: ['publishNotReadyAddresses', 'bool'],
    14: ['sessionAffinityConfig', 'SessionAffinityConfig'],
    17: ['ipFamilyPolicy', 'string'],
    18: ['clusterIPs', '[string]'],
    19: ['ipFamilies', '[string]'],
    20: ['allocateLoadBalancerNodePorts', 'bool'],
    21: ['loadBalancerClass', 'string'],
    22: ['internalTrafficPolicy', 'string'],
    23: ['trafficDistribution', 'string'],
  },
  ServicePort: {
    1: ['name', 'string'],
    2: ['protocol', 'string'],
    3: ['port', 'int'],
    4: ['targetPort', 'int-or-string'],
    5: ['nodePort', 'int'],
    6: ['appProtocol', 'string'],
  },
  SessionAffinityConfig: { 1: ['clientIP', 'ClientIPConfig'] },
  ClientIPConfig: { 1: ['timeoutSeconds', 'int'] },
  ServiceStatus: { 1: ['loadBalancer', 'LoadBalancerStatus'] },
  LoadBalancerStatus: {},

  Ingress: {
    1: ['metadata', 'ObjectMeta'],
    2: ['spec', 'IngressSpec'],
    3: ['status', 'IngressStatus'],
  },
  IngressSpec: {
    1: ['defaultBackend', 'IngressBackend'],
    2: ['tls', '[IngressTLS]'],
    3: ['rules', '[IngressRule]'],
    4: ['ingressClassName', 'string'],
  },
  IngressStatus: { 1: ['loadBalancer', 'LoadBalancerStatus'] },
  IngressBackend: {
    3: ['resource', 'TypedLocalObjectReference'],
    4: ['service', 'IngressServiceBackend'],
  },
  TypedLocalObjectReference: {
    1: ['apiGroup', 'string'],
    2: ['kind', 'string'],
    3: ['name', 'string'],
  },
  IngressServiceBackend: { 1: ['name', 'string'], 2: ['port', 'ServiceBackendPort'] },
  ServiceBackendPort: { 1: ['name', 'string'], 2: ['number', 'int'] },
  IngressTLS: { 1: ['hosts', '[string]'], 2: ['secretName', 'string'] },
  IngressRule: { 1: ['host', 'string'], 2: ['inline', 'IngressRuleValue'] },
  IngressRuleValue: { 1: ['http', 'HTTPIngressRuleValue'] },
  HTTPIngressRuleValue: { 1: ['paths', '[HTTPIngressPath]'] },
  HTTPIngressPath: {
    1: ['path', 'string'],
    2: ['backend', 'IngressBackend'],
    3: ['pathType', 'string'],
  },

  Lease: { 1: ['metadata', 'ObjectMeta'], 2: ['spec', 'LeaseSpec'] },
  LeaseSpec: {
    1: ['holderIdentity', 'string'],
    2: ['leaseDurationSeconds', 'int'],
    3: ['acquireTime', 'micro-time'],
    4: ['renewTime', 'micro-time'],
    5: ['leaseTransitions', 'int'],
  },

  SelfSubjectAccessReview: {
    1: ['metadata', 'ObjectMeta'],
    2: ['spec', 'AccessReviewSpec'],
    3: ['status', 'Ignored'],
  },
  AccessReviewSpec: {
    1: ['resourceAttributes', 'ResourceAttributes'],
    2: ['nonResourceAttributes', 'NonResourceAttributes'],
  },
  ResourceAttributes: {
    1: ['namespace', 'string'],
    2: ['verb', 'string'],
    3: ['group', 'string'],
    4: ['version', 'string'],
    5: ['resource', 'string'],
    6: ['subresource', 'string'],
    7: ['name', 'string'],
  },
  NonResourceAttributes: { 1: ['path', 'string'], 2: ['verb', 'string'] },
  SelfSubjectRulesReview: {
    1: ['metadata', 'ObjectMeta'],
    2: ['spec', 'RulesReviewSpec'],
    3: ['status', 'Ignored'],
  },
  RulesReviewSpec: { 1: ['namespace', 'string'] },
  SelfSubjectReview: { 1: ['metadata', 'ObjectMeta'], 2: ['status', 'Ignored'] },
  /** Of a status that clients send empty. */
  Ignored: Object.fromEntries(
    Array.from({ length: 10 }, (_, index) => [index + 1, ['', 'skip'] as const]),
  ),

  Deployment: {
    1: ['metadata', 'ObjectMeta'],
    2: ['spec', 'DeploymentSpec'],
    3: ['status', 'Ignored'],
  },
  DeploymentSpec: {
    1: ['replicas', 'int'],
    2: ['selector', 'LabelSelector'],
    3: ['template', 'PodTemplateSpec'],
    4: ['strategy', 'DeploymentStrategy'],
    5: ['minReadySeconds', 'int'],
    7: ['paused', 'bool'],
  },
  DeploymentStrategy: { 1: ['type', 'string'] },
  PodTemplateSpec: { 1: ['metadata', 'ObjectMeta'], 2: ['spec', 'PodSpec'] },
  PodSpec: {
    2: ['containers', '[Container]'],
    3: ['restartPolicy', 'string'],
    6: ['dnsPolicy', 'string'],
    8: ['serviceAccountName', 'string'],
    9: ['serviceAccount', 'string'],
    10: ['nodeName', 'string'],
    11: ['hostNetwork', 'bool'],
    12: ['hostPID', 'bool'],
    13: ['hostIPC', 'bool'],
    16: ['hostname', 'string'],
    17: ['subdomain', 'string'],
    19: ['schedulerName', 'string'],
    24: ['priorityClassName', 'string'],
  },
  Container: {
    1: ['name', 'string'],
    2: ['image', 'string'],
    3: ['command', '[string]'],
    4: ['args', '[string]'],
    5: ['workingDir', 'string'],
    6: ['ports', '[ContainerPort]'],
    8: ['resources', 'Empty'],
    13: ['terminationMessagePath', 'string'],
    14: ['imagePullPolicy', 'string'],
    16: ['stdin', 'bool'],
    17: ['stdinOnce', 'bool'],
    18: ['tty', 'bool'],
    20: ['terminationMessagePolicy', 'string'],
  },
  ContainerPort: {
    1: ['name', 'string'],
    2: ['hostPort', 'int'],
    3: ['containerPort', 'int'],
    4: ['protocol', 'string'],
    5: ['hostIP', 'string'],
  },
  Empty: {},
};
