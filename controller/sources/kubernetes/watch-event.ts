import { ApiError, errorOfStatus } from './api-error.ts';
import type { RawObject } from './kept-fields.ts';

/** One line of a watch: meta/v1 WatchEvent. */
export type RawEvent =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: RawObject }
  | { readonly type: 'BOOKMARK'; readonly resourceVersion: string };

/** @throws ApiError for what the API reports as one, such as `Expired` (410), and for nonsense */
export function readEvent(line: unknown): RawEvent {
  const { type, object } = asRecord(line);
  if (type === 'ERROR') {
    const code = Number(asRecord(object)['code']);
    throw errorOfStatus(Number.isInteger(code) ? code : 500, object);
  }
  const metadata = asRecord(asRecord(object)['metadata']);
  const version = metadata['resourceVersion'];
  if (type === 'BOOKMARK' && typeof version === 'string') {
    return { type, resourceVersion: version };
  }
  const isChange = type === 'ADDED' || type === 'MODIFIED' || type === 'DELETED';
  if (isChange && isRaw(object)) return { type, object };
  throw new ApiError('InvalidAnswer', 0, 'the API sent a watch event of no known form');
}

/** One page of a list. */
export interface RawPage {
  readonly items: readonly RawObject[];
  readonly resourceVersion: string;
  /** To ask for the next page with; undefined after the last. */
  readonly next: string | undefined;
}

/** @throws ApiError for what is no list */
export function readPage(body: unknown): RawPage {
  const { items, metadata } = asRecord(body);
  const { resourceVersion, continue: next } = asRecord(metadata);
  // Go writes an empty list as null.
  const given: unknown = items ?? [];
  if (!Array.isArray(given) || !given.every(isRaw) || typeof resourceVersion !== 'string') {
    throw new ApiError('InvalidAnswer', 0, 'the API sent a list of no known form');
  }
  return {
    items: given,
    resourceVersion,
    next: typeof next === 'string' && next !== '' ? next : undefined,
  };
}

function isRaw(value: unknown): value is RawObject {
  const { name, resourceVersion } = asRecord(asRecord(value)['metadata']);
  return typeof name === 'string' && typeof resourceVersion === 'string';
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
