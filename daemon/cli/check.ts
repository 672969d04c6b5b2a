import type { ObjectRef, Position, Problem } from '../../controller/base/index.ts';
import type { AnyObject } from '../../controller/objects/index.ts';
import { type Command, type Configuration, formatProblem } from '../config/index.ts';
import { unadoptedIngresses } from '../migrate/ingress-nginx/unadopted.ts';
import { type Printer, safeText } from './printer.ts';

type Check = Extract<Command, { kind: 'check' }>;

/** What there is in the paths to check. */
export interface CheckInput {
  readonly objects: readonly AnyObject[];
  /** Of reading: syntax, schema, duplicates. */
  readonly problems: readonly Problem[];
  /** Where an object, or a field of it, is written. */
  locate(ref: ObjectRef): Position | undefined;
}

/** What `check` runs on, chosen by the daemon. */
export interface CheckTools {
  /** Reads manifests and configuration files; problems with what cannot be read are in the result. */
  read(paths: readonly string[]): Promise<CheckInput>;
  /** Runs reconcilers and compilers once over the objects: what `up` would have to say. */
  compile(
    objects: readonly AnyObject[],
    settings?: Partial<Configuration>,
  ): Promise<readonly Problem[]>;
}

/** `portolan check`: prints every problem at once. Exit status 1 if any is an error. */
export async function runCheck(
  command: Check,
  tools: CheckTools,
  printer: Printer,
): Promise<number> {
  const input = await tools.read(command.paths);
  const unadopted = unadoptedIngresses(input.objects);
  const isUnadopted = ({ reason, object }: Problem): boolean =>
    reason === 'NoSuchIngressClass' &&
    unadopted.some(
      (one) => one.object.name === object?.name && one.object.namespace === object.namespace,
    );
  const found = await tools.compile(input.objects);
  const compiled = [...found.filter((one) => !isUnadopted(one)), ...unadopted].map((problem) =>
    locate(problem, input),
  );
  const problems = unique([...input.problems, ...compiled]).toSorted(byPlace);
  const errors = problems.filter((one) => one.severity === 'error').length;
  const counts = { objects: input.objects.length, errors, warnings: problems.length - errors };
  if (command.output === 'json') {
    printer.out(`${safeText(JSON.stringify({ ...counts, problems }, undefined, 2))}\n`);
  } else {
    for (const problem of problems) printer.out(`${safeText(oneLine(formatProblem(problem)))}\n`);
    printer.out(`${summary(counts)}\n`);
  }
  return errors > 0 ? 1 : 0;
}

function locate(problem: Problem, input: CheckInput): Problem {
  const at = problem.at ?? (problem.object && input.locate(problem.object));
  return at === undefined ? problem : { ...problem, at };
}

/** Readers and compilers may find the same thing; it is said once. */
function unique(problems: readonly Problem[]): readonly Problem[] {
  return [...new Map(problems.map((problem) => [formatProblem(problem), problem])).values()];
}

/** In order of files and lines; problems without a place last. */
function byPlace(a: Problem, b: Problem): number {
  if (a.at === undefined || b.at === undefined) return Number(!a.at) - Number(!b.at);
  if (a.at.file !== b.at.file) return a.at.file < b.at.file ? -1 : 1;
  return a.at.line - b.at.line || a.at.column - b.at.column;
}

function oneLine(text: string): string {
  return text.replaceAll(/\r?\n/g, '\\n');
}

interface Counts {
  readonly objects: number;
  readonly errors: number;
  readonly warnings: number;
}

function summary({ objects, errors, warnings }: Counts): string {
  const checked = count(objects, 'object');
  if (errors === 0 && warnings === 0) return `${checked} checked, nothing wrong`;
  return `${checked} checked: ${count(errors, 'error')}, ${count(warnings, 'warning')}`;
}

function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? '' : 's'}`;
}
