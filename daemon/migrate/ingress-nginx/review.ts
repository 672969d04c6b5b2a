import type { Problem } from '../../../controller/base/index.ts';
import {
  type AnyObject,
  type Ingress,
  legacyClassAnnotation,
} from '../../../controller/objects/index.ts';
import { annotationDifferences, ingressNginxPrefix } from '../../../ingress/index.ts';

/** What becomes of one Ingress. */
export interface IngressReview {
  readonly namespace: string;
  readonly name: string;
  readonly verdict: 'as-is' | 'differs' | 'unsupported';
  /** One line for each thing that differs or is missing. */
  readonly notes: readonly string[];
}

/** Of these nothing is said: the objects may be in the cluster, and not among the files. */
const aboutOtherObjects: ReadonlySet<string> = new Set([
  'NoSuchService',
  'NoSuchSecret',
  'NoSuchConfigMap',
  'NoSuchPort',
  'NoDefaultBackend',
  'CertificateMissing',
]);

/** Served, but without something that was asked for. */
const unsupported: ReadonlySet<string> = new Set(['UnsupportedAnnotation', 'UnsupportedSnippet']);

/** In ingress-nginx it is the same. */
const sameThere: ReadonlySet<string> = new Set([
  'UnknownAnnotation',
  'RemovedAnnotation',
  'PathConflict',
  'PathIsPattern',
  'CanaryWithoutMain',
]);

/** Judges each Ingress by what compiling it has to say, and by what its annotations are known for. */
export function reviewIngresses(
  objects: readonly AnyObject[],
  problems: readonly Problem[],
): readonly IngressReview[] {
  return objects
    .filter((one) => one.kind === 'Ingress')
    .map((ingress) => review(ingress, problems));
}

/** Classes that Ingresses name, in whichever way: so that each is looked at. */
export function classesOf(objects: readonly AnyObject[]): readonly string[] {
  const named = objects.flatMap((one) => {
    if (one.kind === 'IngressClass') return one.spec?.controller ?? [];
    if (one.kind !== 'Ingress') return [];
    const { annotations } = one.metadata;
    return one.spec?.ingressClassName ?? annotations?.[legacyClassAnnotation] ?? [];
  });
  return [...new Set(['k8s.io/ingress-nginx', 'nginx', ...named])];
}

function review(ingress: Ingress, problems: readonly Problem[]): IngressReview {
  const { name, namespace = '' } = ingress.metadata;
  const own = problems.filter(
    ({ object, reason }) =>
      object?.kind === 'Ingress' &&
      object.name === name &&
      object.namespace === namespace &&
      !aboutOtherObjects.has(reason),
  );
  const differences = annotationDifferences(ingress, ingressNginxPrefix);
  const notes = [
    ...own.map(noteOf),
    ...differences.map((one) => `${one.annotation}: ${one.difference}`),
  ];
  const isUnsupported = own.some(
    ({ severity, reason }) =>
      unsupported.has(reason) || (severity === 'error' && !sameThere.has(reason)),
  );
  const differs = differences.length > 0 || own.some(({ reason }) => !sameThere.has(reason));
  const verdict = isUnsupported ? 'unsupported' : differs ? 'differs' : 'as-is';
  return { namespace, name, verdict, notes };
}

function noteOf({ message, instead }: Problem): string {
  return instead === undefined ? message : `${message} (write ${instead})`;
}
