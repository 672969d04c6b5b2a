import { formatPosition } from '../../../controller/base/index.ts';
import type { AnyObject } from '../../../controller/objects/index.ts';
import { ageText } from '../age.ts';
import { problemsOf } from '../problems.ts';
import { compareText } from '../select.ts';
import type { ViewInput } from '../view-input.ts';
import { field, type Section, table } from './description.ts';

/** Holds the whole manifest, which may be that of a Secret; kubectl hides it as well. */
const lastAppliedAnnotation = 'kubectl.kubernetes.io/last-applied-configuration';

/** What every description begins with. */
export function commonSections({ metadata }: AnyObject, input: ViewInput): readonly Section[] {
  const { namespace, name, labels, annotations = {}, creationTimestamp } = metadata;
  const shown = Object.entries(annotations).filter(([key]) => key !== lastAppliedAnnotation);
  return [
    field('Name', name),
    ...(namespace ? [field('Namespace', namespace)] : []),
    field('Age', ageText(creationTimestamp, input.nowMs)),
    field('Labels', ...pairs(Object.entries(labels ?? {}), '=')),
    field('Annotations', ...pairs(shown, ': ')),
  ];
}

/** What every description ends with: what is wrong with this object, and what to write instead. */
export function problemSection({ kind, metadata }: AnyObject, input: ViewInput): Section {
  const ref = { kind, namespace: metadata.namespace ?? '', name: metadata.name };
  const rows = problemsOf(ref, input).map((problem) => [
    problem.severity,
    problem.reason,
    problem.at === undefined ? '' : formatPosition(problem.at),
    problem.instead === undefined ? problem.message : `${problem.message} (${problem.instead})`,
  ]);
  return table('Problems', ['Severity', 'Reason', 'Where', 'Message'], rows);
}

function pairs(entries: readonly (readonly [string, string])[], mark: string): readonly string[] {
  return entries.map(([key, value]) => `${key}${mark}${value}`).toSorted(compareText);
}
