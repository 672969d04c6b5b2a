import type { Position, Problem } from '../../base/index.ts';
import type { PlacedRecord } from './read-file.ts';

/** Configuration of Portolan itself may lie beside manifests: that is no news to anybody. */
const ownConfiguration = /^config\.portolan\.dev\//;

/** One problem for each kind that is read but not served, however many there are. */
export function unservedProblems(
  files: Iterable<readonly [path: string, documents: readonly PlacedRecord[]]>,
): readonly Problem[] {
  const kinds = new Map<string, { count: number; readonly first: Position }>();
  for (const [file, documents] of files) {
    for (const { line, record } of documents) {
      for (const kind of record.unserved) {
        const seen = kinds.get(kind);
        if (seen !== undefined) seen.count += 1;
        else kinds.set(kind, { count: 1, first: { file, line, column: 1 } });
      }
    }
  }
  return [...kinds]
    .filter(([kind]) => !ownConfiguration.test(kind))
    .map(([kind, { count, first }]) => describe(kind, count, first));
}

function describe(kind: string, count: number, first: Position): Problem {
  const [apiVersion = '', name = ''] = kind.split(' ');
  const objects = count === 1 ? `one ${name}` : `${count} objects of kind ${name}`;
  const verb = count === 1 ? 'is' : 'are';
  return {
    severity: 'warning',
    reason: 'KindNotServed',
    message: `${objects} (${apiVersion}) ${verb} ignored: Portolan has no use for this kind`,
    at: first,
  };
}
