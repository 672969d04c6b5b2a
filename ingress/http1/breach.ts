/**
 * Ways in which a message breaks the grammar or a limit. Parsers return these instead of
 * throwing: hostile input is no exception, and costs no stack trace.
 */
export type Breach =
  | 'invalid-request-line'
  | 'invalid-method'
  | 'invalid-target'
  | 'invalid-status-line'
  | 'invalid-field'
  | 'invalid-version'
  | 'unsupported-version'
  | 'target-too-long'
  | 'head-too-large'
  | 'too-many-headers'
  | 'several-hosts'
  | 'invalid-host'
  | 'invalid-content-length'
  | 'invalid-transfer-encoding'
  | 'transfer-coding'
  | 'transfer-encoding-in-1.0'
  | 'both-framings'
  | 'expectation'
  | 'malformed-body'
  | 'chunk-extensions-too-long';

/** Where the answer is not 400. */
const statuses: ReadonlyMap<Breach, number> = new Map([
  ['target-too-long', 414],
  ['head-too-large', 431],
  ['too-many-headers', 431],
  ['chunk-extensions-too-long', 413],
  ['unsupported-version', 505],
  ['transfer-coding', 501],
  ['invalid-method', 501],
  ['expectation', 417],
]);

/** The status that a client gets for its breach. */
export function statusOf(breach: Breach): number {
  return statuses.get(breach) ?? 400;
}
