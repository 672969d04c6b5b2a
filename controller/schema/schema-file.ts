import json from './kubernetes.json' with { type: 'json' };

/** The form of `kubernetes.json`. */
export interface SchemaFile {
  /** Release of the OpenAPI document, `1.36`. */
  readonly kubernetesVersion: string;
  /** Name of the type in `types`, by kind. */
  readonly kinds: Readonly<Record<string, string>>;
  readonly types: Readonly<Record<string, TypeSchema>>;
}

/**
 * One object type. Values of `fields` are type expressions: `string`, `byte` (base64), `boolean`,
 * `int32`, `int64`, `number`, `date-time`, `int-or-string`, `quantity`, `any`, the name of a type,
 * `[list element]` or `{map value}`.
 */
export interface TypeSchema {
  readonly required?: readonly string[];
  readonly fields: Readonly<Record<string, string>>;
}

/** The kinds that are Portolan's own, in the same form. */
const ownKinds: Readonly<Record<string, string>> = {
  AddressPool: 'AddressPool',
  EndpointHealth: 'EndpointHealth',
  VirtualIP: 'VirtualIP',
};

const ownTypes: Readonly<Record<string, TypeSchema>> = {
  AddressPool: {
    required: ['spec'],
    fields: {
      apiVersion: 'string',
      kind: 'string',
      metadata: 'V1ObjectMeta',
      spec: 'AddressPoolSpec',
    },
  },
  AddressPoolSpec: {
    required: ['addresses', 'interface', 'firstVirtualRouterID'],
    fields: {
      addresses: '[string]',
      interface: 'string',
      firstVirtualRouterID: 'int32',
      advertInterval: 'string',
      nodes: '[string]',
    },
  },
  VirtualIP: {
    required: ['spec'],
    fields: {
      apiVersion: 'string',
      kind: 'string',
      metadata: 'V1ObjectMeta',
      spec: 'VirtualIPSpec',
    },
  },
  VirtualIPSpec: {
    required: ['interface', 'addresses', 'virtualRouterID'],
    fields: {
      interface: 'string',
      addresses: '[string]',
      excludedAddresses: '[string]',
      virtualRouterID: 'int32',
      version: 'int32',
      priority: 'int32',
      nodes: '[VirtualIPNode]',
      advertInterval: 'string',
      preempt: 'boolean',
      preemptDelay: 'string',
      unicastPeers: '[string]',
      checksum: 'string',
      passwordSecretRef: 'VirtualIPPasswordRef',
      syncGroup: 'string',
      track: '[VirtualIPTrack]',
      witness: 'VirtualIPWitness',
      rivals: 'string',
      notify: '[string]',
    },
  },
  VirtualIPNode: {
    required: ['name'],
    fields: { name: 'string', priority: 'int32', interface: 'string', sourceAddress: 'string' },
  },
  VirtualIPWitness: {
    required: ['prefer'],
    fields: { prefer: 'string', leaseDuration: 'string' },
  },
  VirtualIPPasswordRef: {
    required: ['namespace', 'name', 'key'],
    fields: { namespace: 'string', name: 'string', key: 'string' },
  },
  VirtualIPTrack: {
    fields: {
      interface: 'string',
      service: 'string',
      script: 'VirtualIPScript',
      plane: 'string',
      file: 'string',
      weight: 'int32',
    },
  },
  VirtualIPScript: {
    required: ['command'],
    fields: {
      command: '[string]',
      interval: 'string',
      timeout: 'string',
      fall: 'int32',
      rise: 'int32',
    },
  },
  EndpointHealth: {
    required: ['status'],
    fields: {
      apiVersion: 'string',
      kind: 'string',
      metadata: 'V1ObjectMeta',
      status: 'EndpointHealthStatus',
    },
  },
  EndpointHealthStatus: {
    required: ['endpoints'],
    fields: { endpoints: '[EndpointHealthEndpoint]' },
  },
  EndpointHealthEndpoint: {
    required: ['address', 'port', 'healthy', 'lastTransitionTime'],
    fields: {
      address: 'string',
      port: 'int32',
      healthy: 'boolean',
      message: 'string',
      lastTransitionTime: 'date-time',
    },
  },
};

const published: SchemaFile = json;

/** The published schema together with Portolan's own kinds. */
export const schemaFile: SchemaFile = {
  kubernetesVersion: published.kubernetesVersion,
  kinds: { ...published.kinds, ...ownKinds },
  types: { ...published.types, ...ownTypes },
};
