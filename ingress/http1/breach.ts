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

/** The status that a client gets for its breach. */
export function statusOf(breach: Breach): number {
  switch (breach) {
    case 'target-too-long':
      return 414;
    case 'head-too-large':
    case 'too-many-headers':
      return 431;
    case 'chunk-extensions-too-long':
      return 413;
    case 'unsupported-version':
      return 505;
    case 'transfer-coding':
    case 'invalid-method':
      return 501;
    case 'expectation':
      return 417;
    default:
      return 400;
  }
}
