import type { AnyObject, Kind, KubeObject } from '../../objects/index.ts';

/** What `kubectl apply` repeats the whole object in. */
const lastAppliedAnnotation = 'kubectl.kubernetes.io/last-applied-configuration';

/** An object as the API server sends it: well formed, but with far more than is read here. */
export interface RawObject {
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}

/** The object with the fields that Portolan reads: a large cluster must fit into every node. */
export function keepNeeded(kind: Kind, apiVersion: string, raw: RawObject): AnyObject {
  const kept: KubeObject = {
    apiVersion,
    kind,
    metadata: keepMetadata(raw.metadata),
    ...(keepers[kind]?.(raw) ?? pick(raw, ['spec', 'status'])),
  };
  // The API server vouches for the shape; only fields were taken away.
  return kept as AnyObject;
}

function keepMetadata(raw: RawObject['metadata']): KubeObject['metadata'] {
  const {
    managedFields: _managers,
    ownerReferences: _owners,
    finalizers: _finalizers,
    selfLink: _link,
    generateName: _prefix,
    annotations,
    ...kept
  } = raw;
  const { [lastAppliedAnnotation]: _applied, ...others } = (annotations ?? {}) as Record<
    string,
    string
  >;
  const metadata = Object.keys(others).length > 0 ? { ...kept, annotations: others } : kept;
  return metadata as unknown as KubeObject['metadata'];
}

/** What is kept beside metadata, where that is not just `spec` and `status`. */
const keepers: { readonly [K in Kind]?: (raw: RawObject) => object } = {
  EndpointSlice: (raw) => ({
    ...pick(raw, ['addressType', 'ports']),
    endpoints: list(raw['endpoints']).map(keepEndpoint),
  }),
  Node: ({ spec, status }) => ({
    spec: pick(record(spec), ['podCIDR', 'podCIDRs', 'taints']),
    status: keepNodeStatus(record(status)),
  }),
  Pod: ({ spec, status }) => ({
    spec: {
      ...pick(record(spec), ['nodeName', 'hostname', 'subdomain', 'hostNetwork']),
      containers: [],
    },
    status: pick(record(status), ['phase', 'podIP', 'podIPs', 'hostIP']),
  }),
  Secret: (raw) => pick(raw, ['type', 'data']),
  ConfigMap: (raw) => pick(raw, ['data', 'binaryData']),
};

function keepEndpoint(raw: unknown): object {
  const endpoint = record(raw);
  const { targetRef } = endpoint;
  return {
    ...pick(endpoint, ['addresses', 'conditions', 'hostname', 'nodeName', 'zone', 'hints']),
    ...(targetRef !== undefined && {
      targetRef: pick(record(targetRef), ['kind', 'namespace', 'name']),
    }),
  };
}

/** Without images and heartbeats: those alone would make every Node a change every few minutes. */
function keepNodeStatus(raw: Readonly<Record<string, unknown>>): object {
  return {
    ...pick(raw, ['addresses']),
    conditions: list(raw['conditions']).map((one) => pick(record(one), ['type', 'status'])),
  };
}

function pick(from: Readonly<Record<string, unknown>>, names: readonly string[]): object {
  return Object.fromEntries(
    names.flatMap((name) => (from[name] === undefined ? [] : [[name, from[name]]])),
  );
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
