import type { Bench } from '../bench.ts';
import { partOfL7 } from '../l7/part.ts';

/** TLS to clients: requests, bodies, full and resumed handshakes. */
export const bench: Bench = partOfL7('tls', 'the rows of l7 that are about TLS', [
  'tls',
  'tls-1m',
  'tls-new',
  'tls-resumed',
]);
