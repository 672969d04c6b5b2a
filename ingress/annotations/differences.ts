import type { Ingress } from '../../controller/objects/index.ts';
import { annotationInfo, annotationNamed } from './registry.ts';

/** In what an annotation of an Ingress does not act as in ingress-nginx. */
export interface AnnotationDifference {
  readonly annotation: string;
  readonly difference: string;
}

/** The differences that come with the annotations of one Ingress, as far as they are switched on. */
export function annotationDifferences(
  { metadata }: Ingress,
  prefix: string,
): readonly AnnotationDifference[] {
  return Object.entries(metadata.annotations ?? {}).flatMap(([key, text]) => {
    const written = key.startsWith(prefix) ? key.slice(prefix.length) : '';
    const name = annotationNamed(written);
    if (name === undefined) return [];
    const { handling, grammar } = annotationInfo(name);
    if (handling.kind !== 'acts' || handling.difference === undefined) return [];
    if (grammar.parse(text.trim()) === false) return [];
    return [{ annotation: written, difference: handling.difference }];
  });
}
