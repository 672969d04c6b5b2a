import type { Issue, Path } from './issue.ts';
import { scalarChecks, show } from './scalar.ts';
import { schemaFile } from './schema-file.ts';
import { nearest } from './suggest.ts';

/** What a walk over one value finds. `drop`: paths that the API server would not keep. */
export interface ShapeFindings {
  readonly issues: Issue[];
  /** Unknown fields, and fields that are null, which the API treats as absent. */
  readonly drop: Path[];
  /** Values may be shown in messages: false for Secrets. */
  readonly mayShow: boolean;
}

type Check = (value: unknown, path: (string | number)[], findings: ShapeFindings) => void;

/** Compiled once per type expression; types refer to each other, hence the lazy look-up. */
const compiled = new Map<string, Check>();

/**
 * Compares a value with the published schema of its type (`objectTypeOf`). Wrong types and missing required fields
 * are errors, unknown fields warnings.
 */
export function validateShape(objectType: string, value: unknown): ShapeFindings {
  const findings: ShapeFindings = { issues: [], drop: [], mayShow: objectType !== 'Secret' };
  const type = schemaFile.kinds[objectType];
  if (type !== undefined) checkOf(type)(value, [], findings);
  return findings;
}

function checkOf(expression: string): Check {
  let check = compiled.get(expression);
  if (check === undefined) {
    check = compile(expression);
    compiled.set(expression, check);
  }
  return check;
}

function compile(expression: string): Check {
  if (expression.startsWith('[')) return listOf(expression.slice(1, -1));
  if (expression.startsWith('{')) return mapOf(expression.slice(1, -1));
  const scalar = scalarChecks.get(expression);
  if (scalar === undefined) return objectOf(expression);
  return (value, path, findings) => {
    const wrong = scalar(value, findings.mayShow);
    if (wrong !== undefined) wrongType(findings, path, wrong.message, wrong.instead);
  };
}

function listOf(element: string): Check {
  const check = checkOf(element);
  return (value, path, findings) => {
    if (!Array.isArray(value)) {
      const found = findings.mayShow ? show(value) : 'another type';
      wrongType(findings, path, `must be a list, not ${found}`, 'put each element behind "- "');
      return;
    }
    for (let index = 0; index < value.length; index += 1) {
      path.push(index);
      check(value[index], path, findings);
      path.pop();
    }
  };
}

function mapOf(element: string): Check {
  const check = checkOf(element);
  return (value, path, findings) => {
    if (!isRecord(value)) {
      const found = findings.mayShow ? show(value) : 'another type';
      wrongType(findings, path, `must be a map of keys to values, not ${found}`, undefined);
      return;
    }
    for (const key in value) {
      path.push(key);
      check(value[key], path, findings);
      path.pop();
    }
  };
}

function objectOf(type: string): Check {
  const schema = schemaFile.types[type];
  if (schema === undefined) throw new TypeError(`the schema refers to ${type} but lacks it`);
  const required = schema.required ?? [];
  // Compiled at first use: types are recursive.
  let fields: ReadonlyMap<string, Check> | undefined;
  return (value, path, findings) => {
    fields ??= new Map(
      Object.entries(schema.fields).map(([name, field]) => [name, checkOf(field)]),
    );
    if (!isRecord(value)) {
      const found = findings.mayShow ? show(value) : 'another type';
      wrongType(findings, path, `must be an object with fields, not ${found}`, undefined);
      return;
    }
    for (const key in value) {
      const check = fields.get(key);
      const inner = value[key];
      path.push(key);
      if (check === undefined) unknownField(findings, path, key, fields.keys());
      else if (inner === null || inner === undefined) findings.drop.push([...path]);
      else check(inner, path, findings);
      path.pop();
    }
    for (const key of required) {
      if (value[key] === undefined || value[key] === null) {
        findings.issues.push({
          severity: 'error',
          kind: 'missing',
          path: [...path, key],
          message: 'is required',
        });
      }
    }
  };
}

function wrongType(
  findings: ShapeFindings,
  path: Path,
  message: string,
  instead: string | undefined,
): void {
  findings.issues.push({
    severity: 'error',
    kind: 'wrong-type',
    path: [...path],
    message,
    ...(instead === undefined ? {} : { instead }),
  });
}

function unknownField(
  findings: ShapeFindings,
  path: Path,
  key: string,
  known: Iterable<string>,
): void {
  const meant = nearest(key, known);
  findings.drop.push([...path]);
  findings.issues.push({
    severity: 'warning',
    kind: 'unknown-field',
    path: [...path],
    message: 'is no field of this object and is ignored',
    ...(meant === undefined ? {} : { instead: `did you mean "${meant}"?` }),
  });
}

/** True for what YAML and JSON call a mapping. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
