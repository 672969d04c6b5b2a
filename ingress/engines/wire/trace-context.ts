import { createHash, randomBytes } from 'node:crypto';

/** W3C Trace Context §3.2: version, trace, parent, flags; ids that are not all zeros. */
const shape = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-.*)?$/;

/** Whether a request belongs to a trace already. */
export function isTraceParent(value: string | undefined): boolean {
  return value !== undefined && shape.test(value);
}

/**
 * The beginning of a trace, not sampled: nobody here records spans. Its id is the request's where
 * that has the form, so that logs and traces are found by one.
 */
export function newTraceParent(requestId: string): string {
  const isId = /^(?!0{32})[0-9a-f]{32}$/.test(requestId);
  const trace = isId
    ? requestId
    : createHash('sha256').update(requestId).digest('hex').slice(0, 32);
  return `00-${trace}-${randomBytes(8).toString('hex')}-00`;
}
