import type { ViewTable } from './view-table.ts';

/** A part of a long list. */
export interface ViewPage extends Omit<ViewTable, 'objects'> {
  /** Rows that match in all, on every page. */
  readonly total: number;
}

const maxLimit = 1_000;

/** The rows that contain every word of `search`, from `offset` on, at most `limit` of them. */
export function pageOf({ columns, rows }: ViewTable, query: URLSearchParams): ViewPage {
  const words = (query.get('search') ?? '').toLowerCase().split(/\s+/).filter(Boolean);
  const found = words.length === 0 ? rows : rows.filter((row) => containsAll(row, words));
  const offset = naturalNumber(query.get('offset'), 0);
  const limit = Math.min(naturalNumber(query.get('limit'), maxLimit), maxLimit);
  return { columns, rows: found.slice(offset, offset + limit), total: found.length };
}

function containsAll(row: readonly string[], words: readonly string[]): boolean {
  const text = row.join(' ').toLowerCase();
  return words.every((word) => text.includes(word));
}

function naturalNumber(text: string | null, otherwise: number): number {
  return text !== null && /^\d{1,9}$/.test(text) ? Number(text) : otherwise;
}
