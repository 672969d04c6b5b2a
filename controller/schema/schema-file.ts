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

/** The kind that is Portolan's own, in the same form. */
const ownTypes: Readonly<Record<string, TypeSchema>> = {
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

/** The published schema together with Portolan's own kind. */
export const schemaFile: SchemaFile = {
  kubernetesVersion: published.kubernetesVersion,
  kinds: { ...published.kinds, EndpointHealth: 'EndpointHealth' },
  types: { ...published.types, ...ownTypes },
};
