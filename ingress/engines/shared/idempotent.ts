/** RFC 9110 §9.2.2: sending these twice does what sending them once does. */
export function isIdempotent(method: string | undefined): boolean {
  return ['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE'].includes(method ?? '');
}
