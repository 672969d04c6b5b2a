import { type AnyObject, type Kind, kinds } from '../objects/index.ts';
import { recognise } from './api-version.ts';
import { withDefaults } from './defaults.ts';
import { type Issue, Issues, type Path, refuses } from './issue.ts';
import { prune } from './prune.ts';
import { checkRules } from './rules.ts';
import { isRecord, validateShape } from './shape.ts';

export interface AdmitOptions {
  /**
   * Endpoints may have loopback and link-local addresses, which a cluster forbids: without one
   * they are processes of this machine.
   */
  readonly clusterless: boolean;
}

/** What became of a value that came from outside. */
export type Admission =
  /** An object of ours: defaults filled in, unknown fields dropped. `issues` are warnings. */
  | { readonly kind: 'known'; readonly object: AnyObject; readonly issues: readonly Issue[] }
  /** A Kubernetes object that Portolan has no use for. */
  | {
      readonly kind: 'unknown-kind';
      readonly apiVersion: string;
      readonly objectKind: string;
      readonly name: string;
    }
  /** At least one issue is an error. `identity` as far as the object tells. */
  | {
      readonly kind: 'refused';
      readonly issues: readonly Issue[];
      readonly identity: Identity | undefined;
    };

/** Which object a refused value meant to be. */
export interface Identity {
  readonly kind: Kind;
  readonly namespace: string;
  readonly name: string;
}

/**
 * Decides whether a value is an object that Portolan can serve: the one door for manifests, the
 * embedded API and `portolan check`. Namespaced objects without a namespace get `default`.
 * Never throws, never changes `value`.
 */
export function admit(value: unknown, options: AdmitOptions = { clusterless: true }): Admission {
  if (!isRecord(value)) {
    return refused([error([], 'is no Kubernetes object', 'a map with apiVersion, kind, metadata')]);
  }
  const { apiVersion, kind } = value;
  const misnamed = [
    ...(typeof apiVersion === 'string' ? [] : [missing('apiVersion', apiVersion, 'v1')]),
    ...(typeof kind === 'string' ? [] : [missing('kind', kind, 'Service')]),
  ];
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') return refused(misnamed);
  const recognition = recognise(apiVersion, kind);
  switch (recognition.kind) {
    case 'foreign':
      return { kind: 'unknown-kind', apiVersion, objectKind: kind, name: nameOf(value) };
    case 'wrong':
      return refused([error([recognition.field], recognition.message, recognition.instead)]);
    case 'known':
      return admitKnown(recognition.object, value, options);
    default:
      return recognition satisfies never;
  }
}

function admitKnown(
  kind: Kind,
  value: Readonly<Record<string, unknown>>,
  options: AdmitOptions,
): Admission {
  const shape = validateShape(kind, value);
  const identity = identify(kind, value);
  if (refuses(shape.issues)) return refused(shape.issues, identity);
  if (!isRecord(value['metadata'])) {
    return refused([...shape.issues, missing('metadata', undefined, '{name: …}')]);
  }
  // The shape has been checked against the schema of this kind.
  const shaped = prune(value, shape.drop) as AnyObject;
  const rules = new Issues();
  // Defaults first, as on the API server: the rules are about the object as it will be.
  const object = withDefaults(inNamespace(kind, shaped, rules));
  checkRules(object, rules, options);
  const issues = [...shape.issues, ...rules.found];
  if (refuses(issues)) return refused(issues, identity);
  return { kind: 'known', object, issues };
}

function inNamespace(kind: Kind, object: AnyObject, issues: Issues): AnyObject {
  const { namespace, ...metadata } = object.metadata;
  if (kinds[kind].namespaced) {
    if (namespace) return object;
    return { ...object, metadata: { ...metadata, namespace: 'default' } };
  }
  if (!namespace) return object;
  issues.doubtful(
    ['metadata', 'namespace'],
    `is ignored: a ${kind} belongs to no namespace`,
    'remove it',
  );
  return { ...object, metadata };
}

function identify(kind: Kind, value: Readonly<Record<string, unknown>>): Identity | undefined {
  const name = nameOf(value);
  if (name === '') return undefined;
  const metadata = isRecord(value['metadata']) ? value['metadata'] : {};
  const { namespace } = metadata;
  if (!kinds[kind].namespaced) return { kind, namespace: '', name };
  return {
    kind,
    namespace: typeof namespace === 'string' && namespace ? namespace : 'default',
    name,
  };
}

function nameOf(value: Readonly<Record<string, unknown>>): string {
  const { metadata } = value;
  const name = isRecord(metadata) ? metadata['name'] : undefined;
  return typeof name === 'string' ? name : '';
}

function refused(issues: readonly Issue[], identity?: Identity): Admission {
  return { kind: 'refused', issues, identity };
}

function error(path: Path, message: string, instead: string): Issue {
  return { severity: 'error', kind: 'invalid', path, message, instead };
}

function missing(field: string, found: unknown, example: string): Issue {
  const absent = found === undefined || found === null;
  return {
    severity: 'error',
    kind: absent ? 'missing' : 'wrong-type',
    path: [field],
    message: absent ? 'is required' : 'must be text',
    instead: `as in ${field}: ${example}`,
  };
}
