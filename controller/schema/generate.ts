/**
 * Makes `kubernetes.json`, the published OpenAPI of the kinds that Portolan holds, from the models
 * that the official JavaScript client is generated with. Run by hand after that client was updated:
 * `node controller/schema/generate.ts`. Nothing imports this file but its test.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import type { SchemaFile, TypeSchema } from './schema-file.ts';

/** The model of each kind; what they refer to is found from there. */
const models = {
  ConfigMap: 'V1ConfigMap',
  EndpointSlice: 'V1EndpointSlice',
  Endpoints: 'V1Endpoints',
  Ingress: 'V1Ingress',
  IngressClass: 'V1IngressClass',
  Namespace: 'V1Namespace',
  Node: 'V1Node',
  Pod: 'V1Pod',
  Secret: 'V1Secret',
  Service: 'V1Service',
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

/** Reads the installed client and gives the text that `kubernetes.json` must have. */
export async function generateSchema(): Promise<string> {
  const folder = new URL('gen/models/', import.meta.resolve('@kubernetes/client-node'));
  const types: Record<string, TypeSchema> = {};
  const queue: string[] = Object.values(models);
  for (let model = queue.shift(); model !== undefined; model = queue.shift()) {
    if (Object.hasOwn(types, model)) continue;
    const { schema, refers } = await readModel(folder, model);
    types[model] = schema;
    queue.push(...refers);
  }
  const file: SchemaFile = {
    kubernetesVersion: readVersion(folder),
    kinds: models,
    types: Object.fromEntries(Object.entries(types).toSorted(([a], [b]) => (a < b ? -1 : 1))),
  };
  return format(file);
}

async function readModel(
  folder: URL,
  model: string,
): Promise<{ schema: TypeSchema; refers: readonly string[] }> {
  const module: Record<string, { readonly attributeTypeMap?: readonly Attribute[] }> = await import(
    new URL(`${model}.js`, folder).href
  );
  const attributes = module[model]?.attributeTypeMap ?? [];
  const declaration = readFileSync(new URL(`${model}.d.ts`, folder), 'utf8');
  const fields: Record<string, string> = {};
  const required: string[] = [];
  const refers: string[] = [];
  for (const { name, baseName, type, format } of attributes) {
    const expression = typeExpression(type, format, refers);
    fields[baseName] = quantityFields.has(baseName)
      ? expression.replace('string', 'quantity')
      : expression;
    // Optional properties are declared as 'name'?: type.
    if (declaration.includes(`\n    '${name}': `)) required.push(baseName);
  }
  return { schema: required.length > 0 ? { required, fields } : { fields }, refers };
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
  writeFileSync(new URL('kubernetes.json', import.meta.url), await generateSchema());
}
