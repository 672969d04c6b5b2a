import { type Kind, type KindMap, type KubeObject, kinds } from '../objects/index.ts';
import type { ObjectType } from './object-store.ts';
import { StoreError } from './store-error.ts';

/** Whether an object has the fields that a selector asks for. */
export type FieldPredicate = (object: KubeObject) => boolean;

type FieldReaders = {
  readonly [K in Kind]?: Readonly<Record<string, (object: KindMap[K]) => string | undefined>>;
};

/** What the API server indexes beyond name and namespace. An absent field reads as ''. */
const fieldReaders: FieldReaders = {
  Namespace: { 'status.phase': ({ status }) => status?.phase ?? 'Active' },
  Pod: {
    'spec.nodeName': ({ spec }) => spec?.nodeName,
    'spec.hostNetwork': ({ spec }) => String(spec?.hostNetwork ?? false),
    'status.phase': ({ status }) => status?.phase,
    'status.podIP': ({ status }) => status?.podIP,
  },
  Secret: { type: ({ type }) => type },
  Service: {
    'spec.clusterIP': ({ spec }) => spec?.clusterIP,
    'spec.type': ({ spec }) => spec?.type ?? 'ClusterIP',
  },
};

/** What the API server indexes of Events: how `kubectl describe` finds those of one object. */
const eventFields = [
  'involvedObject.kind',
  'involvedObject.namespace',
  'involvedObject.name',
  'involvedObject.uid',
  'involvedObject.apiVersion',
  'involvedObject.resourceVersion',
  'involvedObject.fieldPath',
  'reason',
  'reportingComponent',
  'source',
  'type',
];

/**
 * Reads the API's fieldSelector parameter for one type: `metadata.name=x,status.phase!=Running`.
 * A comma, equals sign or backslash inside a value is written behind a backslash.
 * @throws StoreError `Invalid` for text it cannot read and fields that the type does not offer
 */
export function parseFieldSelector(type: ObjectType, text: string): FieldPredicate {
  const terms = text.trim() === '' ? [] : text.split(/(?<!\\),/);
  const tests = terms.map((term) => parseTerm(type, term.trim()));
  return (object) => tests.every((holds) => holds(object));
}

function parseTerm(type: ObjectType, term: string): FieldPredicate {
  const match = /^([\w.]+)\s*(==?|!=)\s*((?:[^=\\]|\\[\\,=])*)$/.exec(term);
  if (!match) {
    throw new StoreError(
      'Invalid',
      `field selector: "${term}" is no requirement; write field=value or field!=value`,
    );
  }
  const [, field = '', operator, escaped = ''] = match;
  const read = readerOf(type, field);
  const wanted = escaped.replaceAll(/\\([\\,=])/g, '$1');
  return (object) => ((read(object) ?? '') === wanted) !== (operator === '!=');
}

type FieldReader = (object: KubeObject) => string | undefined;

function readerOf(type: ObjectType, field: string): FieldReader {
  if (field === 'metadata.name') return ({ metadata }) => metadata.name;
  if (field === 'metadata.namespace') return ({ metadata }) => metadata.namespace;
  // Each reader is called with objects of its own kind alone.
  const own: Readonly<Record<string, FieldReader>> = Object.hasOwn(kinds, type)
    ? ((fieldReaders[type as Kind] ?? {}) as Readonly<Record<string, FieldReader>>)
    : {};
  const reader = Object.hasOwn(own, field) ? own[field] : undefined;
  if (reader) return reader;
  if (type === 'Event' && eventFields.includes(field)) return (event) => textAt(event, field);
  const offered = ['metadata.name', 'metadata.namespace', ...Object.keys(own)];
  if (type === 'Event') offered.push(...eventFields);
  const plural = Object.hasOwn(kinds, type) ? kinds[type as Kind].plural : type;
  throw new StoreError(
    'Invalid',
    `field label not supported: "${field}" (${plural} offer ${offered.join(', ')})`,
  );
}

function textAt(object: object, path: string): string | undefined {
  let value: unknown = object;
  for (const key of path.split('.')) {
    value = typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
  }
  return typeof value === 'string' ? value : undefined;
}
