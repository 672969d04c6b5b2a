import type { Bench } from '../bench.ts';
import { partOfL7 } from '../l7/part.ts';

/** HTTP/2 to clients. */
export const bench: Bench = partOfL7('h2', 'the rows of l7 that are about HTTP/2', [
  'h2',
  'h2-64k',
]);
