/**
 * Makes `kubernetes.json`, the published OpenAPI of the kinds that Portolan holds, and
 * `descriptions.json`, what `kubectl explain` says of them, from the models that the official
 * JavaScript client is generated with. Run by hand after that client was updated:
 * `node controller/schema/generate.ts`. Nothing imports this file but its test.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import type { SchemaFile, TypeSchema } from './schema-file.ts';

/**
 * The model of each type of objects (`objectTypeOf`: kinds that only the embedded API stores have
 * their group in it); what they refer to is found from there.
 */
const models = {
  'ClusterRole.rbac.authorization.k8s.io': 'V1ClusterRole',
  'ClusterRoleBinding.rbac.authorization.k8s.io': 'V1ClusterRoleBinding',
  ConfigMap: 'V1ConfigMap',
  'CronJob.batch': 'V1CronJob',
  'CustomResourceDefinition.apiextensions.k8s.io': 'V1CustomResourceDefinition',
  'DaemonSet.apps': 'V1DaemonSet',
  'Deployment.apps': 'V1Deployment',
  EndpointSlice: 'V1EndpointSlice',
  Endpoints: 'V1Endpoints',
  Event: 'CoreV1Event',
  'Event.events.k8s.io': 'EventsV1Event',
  'HorizontalPodAutoscaler.autoscaling': 'V2HorizontalPodAutoscaler',
  Ingress: 'V1Ingress',
  IngressClass: 'V1IngressClass',
  'Job.batch': 'V1Job',
  'Lease.coordination.k8s.io': 'V1Lease',
  Namespace: 'V1Namespace',
  'NetworkPolicy.networking.k8s.io': 'V1NetworkPolicy',
  Node: 'V1Node',
  PersistentVolume: 'V1PersistentVolume',
  PersistentVolumeClaim: 'V1PersistentVolumeClaim',
  Pod: 'V1Pod',
  'PodDisruptionBudget.policy': 'V1PodDisruptionBudget',
  'ReplicaSet.apps': 'V1ReplicaSet',
  ReplicationController: 'V1ReplicationController',
  'Role.rbac.authorization.k8s.io': 'V1Role',
  'RoleBinding.rbac.authorization.k8s.io': 'V1RoleBinding',
  Secret: 'V1Secret',
  Service: 'V1Service',
  ServiceAccount: 'V1ServiceAccount',
  'StatefulSet.apps': 'V1StatefulSet',
} as const;

/**
 * Fields of type Quantity, which the client declares as plain strings: there a number is fine
 * (`cpu: 1`).
 */
const quantityFields: ReadonlySet<string> = new Set([
  'allocatable',
  'allocatedResources',
  'capacity',
  'divisor',
  'limits',
  'overhead',
  'requests',
  'sizeLimit',
]);

interface Attribute {
  readonly name: string;
  /** The name on the wire; `name` is the same made safe for JavaScript. */
  readonly baseName: string;
  readonly type: string;
  readonly format: string;
}

/** What the files must hold. */
export interface GeneratedSchema {
  readonly schema: string;
  readonly descriptions: string;
}

/** Longer first sentences are cut: they are to be read in a terminal. */
const maxDescription = 240;

/** Reads the installed client and gives the texts that the files must have. */
export async function generateSchema(): Promise<GeneratedSchema> {
  const folder = new URL('gen/models/', import.meta.resolve('@kubernetes/client-node'));
  const types: Record<string, TypeSchema> = {};
  const descriptions: Record<string, Readonly<Record<string, string>>> = {};
  const queue: string[] = Object.values(models);
  for (let model = queue.shift(); model !== undefined; model = queue.shift()) {
    if (Object.hasOwn(types, model)) continue;
    const { schema, refers, described } = await readModel(folder, model);
    types[model] = schema;
    descriptions[model] = described;
    queue.push(...refers);
  }
  const file: SchemaFile = {
    kubernetesVersion: readVersion(folder),
    kinds: models,
    types: sorted(types),
  };
  return { schema: format(file), descriptions: formatDescriptions(sorted(descriptions)) };
}

function sorted<T>(record: Readonly<Record<string, T>>): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

async function readModel(
  folder: URL,
  model: string,
): Promise<{
  schema: TypeSchema;
  refers: readonly string[];
  described: Readonly<Record<string, string>>;
}> {
  const module: Record<string, { readonly attributeTypeMap?: readonly Attribute[] }> = await import(
    new URL(`${model}.js`, folder).href
  );
  const attributes = module[model]?.attributeTypeMap ?? [];
  const declaration = readFileSync(new URL(`${model}.d.ts`, folder), 'utf8');
  const fields: Record<string, string> = {};
  const required: string[] = [];
  const refers: string[] = [];
  const described: Record<string, string> = {};
  const own = describe(declaration, `export declare class ${model} `);
  if (own !== '') described[''] = own;
  for (const { name, baseName, type, format } of attributes) {
    const expression = typeExpression(type, format, refers);
    fields[baseName] = quantityFields.has(baseName)
      ? expression.replace('string', 'quantity')
      : expression;
    // Optional properties are declared as 'name'?: type.
    if (declaration.includes(`\n    '${name}': `)) required.push(baseName);
    const text =
      describe(declaration, `    '${name}'?: `) || describe(declaration, `    '${name}': `);
    if (text !== '') described[baseName] = text;
  }
  return { schema: required.length > 0 ? { required, fields } : { fields }, refers, described };
}

/** The first sentence of the comment above a line that starts with `head`. */
function describe(declaration: string, head: string): string {
  const at = declaration.indexOf(`\n${head}`);
  const before = at < 0 ? '' : declaration.slice(0, at).trimEnd();
  if (!before.endsWith('*/')) return '';
  const comment = before.slice(before.lastIndexOf('/**') + 3, -2);
  const text = comment
    .replaceAll(/\n\s*\* ?/g, ' ')
    .replaceAll(/\\(['"])/g, '$1')
    .replaceAll(/\s+/g, ' ')
    .trim();
  const sentence = /^.*?[^.][.](?= [A-Z]|$)/.exec(text)?.[0] ?? text;
  return sentence.length > maxDescription ? `${sentence.slice(0, maxDescription - 1)}…` : sentence;
}

/** `Array<V1Pod>` → `[V1Pod]`, `{ [key: string]: string; }` → `{string}`, number + int32 → int32. */
function typeExpression(type: string, format: string, refers: string[]): string {
  const list = /^Array<(.*)>$/.exec(type);
  if (list?.[1] !== undefined) return `[${typeExpression(list[1], format, refers)}]`;
  const map = /^\{ \[key: string\]: (.*); \}$/.exec(type);
  if (map?.[1] !== undefined) return `{${typeExpression(map[1], format, refers)}}`;
  switch (type) {
    case 'string':
      return format === 'byte' ? 'byte' : 'string';
    case 'number':
      return format === 'int32' || format === 'int64' ? format : 'number';
    case 'boolean':
      return 'boolean';
    case 'Date':
    case 'V1MicroTime':
      return 'date-time';
    case 'IntOrString':
      return 'int-or-string';
    case 'any':
    case 'object':
      return 'any';
    default:
      refers.push(type);
      return type;
  }
}

function readVersion(folder: URL): string {
  const text = readFileSync(new URL('V1Service.js', folder), 'utf8');
  const version = /OpenAPI spec version: release-(\S+)/.exec(text)?.[1];
  if (version === undefined) throw new Error('the client does not say its Kubernetes version');
  return version;
}

function formatDescriptions(
  descriptions: Readonly<Record<string, Readonly<Record<string, string>>>>,
): string {
  const types = Object.entries(descriptions).map(
    ([name, fields]) => `  ${JSON.stringify(name)}: ${JSON.stringify(fields)}`,
  );
  return `{\n${types.join(',\n')}\n}\n`;
}

/** One line for each type: small, and a change of version is a diff that can be read. */
function format(file: SchemaFile): string {
  const types = Object.entries(file.types).map(
    ([name, schema]) => `    ${JSON.stringify(name)}: ${JSON.stringify(schema)}`,
  );
  return [
    '{',
    `  "kubernetesVersion": ${JSON.stringify(file.kubernetesVersion)},`,
    `  "kinds": ${JSON.stringify(file.kinds)},`,
    '  "types": {',
    types.join(',\n'),
    '  }',
    '}',
    '',
  ].join('\n');
}

if (import.meta.main) {
  const { schema, descriptions } = await generateSchema();
  writeFileSync(new URL('kubernetes.json', import.meta.url), schema);
  writeFileSync(new URL('descriptions.json', import.meta.url), descriptions);
}
