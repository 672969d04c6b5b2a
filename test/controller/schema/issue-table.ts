import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { admit, type AdmitOptions, formatPath } from '../../../controller/schema/index.ts';

/** `name`, then what is admitted, then `path: message` of each issue, by severity. */
export interface Row {
  readonly name: string;
  readonly object: unknown;
  /** Paths of the issues that refuse the object; none: it is admitted. */
  readonly refused?: readonly string[];
  /** Paths of warnings. */
  readonly doubtful?: readonly string[];
}

/** One test for each row: exactly these fields are complained about, no others. */
export function testIssues(rows: readonly Row[], options?: AdmitOptions): void {
  for (const { name, object, refused = [], doubtful = [] } of rows) {
    test(name, () => {
      const admission = admit(object, options);
      if (admission.kind === 'unknown-kind') throw new Error('the kind is unknown');
      const paths = (severity: string): string[] =>
        admission.issues
          .filter((issue) => issue.severity === severity)
          .map((issue) => formatPath(issue.path));
      deepEqual(paths('error'), refused);
      deepEqual(paths('warning'), doubtful);
      deepEqual(admission.kind, refused.length > 0 ? 'refused' : 'known');
    });
  }
}
