import { type Kind, type KindMap, kinds } from '../objects/index.ts';
import { StoreError } from './store-error.ts';

/** Whether an object has the fields that a selector asks for. */
export type FieldPredicate<T> = (object: T) => boolean;

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

/**
 * Reads the API's fieldSelector parameter for one kind: `metadata.name=x,status.phase!=Running`.
 * A comma, equals sign or backslash inside a value is written behind a backslash.
 * @throws StoreError `Invalid` for text it cannot read and fields that the kind does not offer
 */
export function parseFieldSelector<K extends Kind>(
  kind: K,
  text: string,
): FieldPredicate<KindMap[K]> {
  const terms = text.trim() === '' ? [] : text.split(/(?<!\\),/);
  const tests = terms.map((term) => parseTerm(kind, term.trim()));
  return (object) => tests.every((holds) => holds(object));
}

function parseTerm<K extends Kind>(kind: K, term: string): FieldPredicate<KindMap[K]> {
  const match = /^([\w.]+)\s*(==?|!=)\s*((?:[^=\\]|\\[\\,=])*)$/.exec(term);
  if (!match) {
    throw new StoreError(
      'Invalid',
      `field selector: "${term}" is no requirement; write field=value or field!=value`,
    );
  }
  const [, field = '', operator, escaped = ''] = match;
  const read = readerOf(kind, field);
  const wanted = escaped.replaceAll(/\\([\\,=])/g, '$1');
  return (object) => ((read(object) ?? '') === wanted) !== (operator === '!=');
}

function readerOf<K extends Kind>(
  kind: K,
  field: string,
): (object: KindMap[K]) => string | undefined {
  if (field === 'metadata.name') return ({ metadata }) => metadata.name;
  if (field === 'metadata.namespace') return ({ metadata }) => metadata.namespace;
  const own: Readonly<Record<string, (object: KindMap[K]) => string | undefined>> =
    fieldReaders[kind] ?? {};
  const reader = Object.hasOwn(own, field) ? own[field] : undefined;
  if (reader) return reader;
  const offered = ['metadata.name', 'metadata.namespace', ...Object.keys(own)].join(', ');
  throw new StoreError(
    'Invalid',
    `field label not supported: "${field}" (${kinds[kind].plural} offer ${offered})`,
  );
}
