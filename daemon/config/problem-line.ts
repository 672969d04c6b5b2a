import { formatPosition, type ObjectRef, type Problem } from '../../controller/base/index.ts';

/** `Service default/web spec.ports[0]`: an object as messages name it. */
export function formatObject(ref: ObjectRef): string {
  const name = ref.namespace === '' ? ref.name : `${ref.namespace}/${ref.name}`;
  return ref.field === undefined ? `${ref.kind} ${name}` : `${ref.kind} ${name} ${ref.field}`;
}

/**
 * A problem in one line, in the form that compilers have and editors jump to:
 * `file:line:column: severity Reason: object: message (instead)`.
 */
export function formatProblem(problem: Problem): string {
  const where = problem.at === undefined ? '' : `${formatPosition(problem.at)}: `;
  const object = problem.object === undefined ? '' : `${formatObject(problem.object)}: `;
  const instead = problem.instead === undefined ? '' : ` (${problem.instead})`;
  return `${where}${problem.severity} ${problem.reason}: ${object}${problem.message}${instead}`;
}
