import { formatPosition, type ObjectRef, type Problem } from '../../controller/base/index.ts';
import { formatObject } from '../config/index.ts';
import type { ViewInput, ViewQuery } from './view-input.ts';
import { none, type ViewTable } from './view-table.ts';

const columns: ViewTable['columns'] = [
  { name: 'SEVERITY' },
  { name: 'REASON' },
  { name: 'OBJECT' },
  { name: 'MESSAGE' },
  { name: 'WHERE' },
  { name: 'INSTEAD' },
];

/**
 * `portolan get problems`. Those of a namespace, and those that belong to no namespace at all,
 * since a broken file would be overlooked otherwise. `name` is the object's.
 */
export function viewProblems(query: ViewQuery, input: ViewInput): ViewTable {
  const objects = input.problems.filter((problem) => isMeant(problem, query));
  const rows = objects.map(({ severity, reason, object, message, at, instead }) => [
    severity,
    reason,
    object === undefined ? none : formatObject(object),
    message,
    at === undefined ? none : formatPosition(at),
    instead ?? '',
  ]);
  return { columns, rows, objects };
}

function isMeant({ object }: Problem, { namespace, name }: ViewQuery): boolean {
  if (name !== undefined && object?.name !== name) return false;
  return !namespace || !object?.namespace || object.namespace === namespace;
}

/** The problems of one object and its fields. */
export function problemsOf(ref: ObjectRef, input: ViewInput): readonly Problem[] {
  return input.problems.filter(
    ({ object }) =>
      object?.kind === ref.kind && object.namespace === ref.namespace && object.name === ref.name,
  );
}
