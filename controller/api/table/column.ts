import { ageText } from '../../base/index.ts';
import type { KubeObject } from '../../objects/index.ts';

/** One column of a Table, and how its cell is read from an object. */
export interface Column<T = KubeObject> {
  readonly name: string;
  /** OpenAPI type of the cell. */
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date';
  /** `name` marks the object's name, which kubectl prefixes with its kind. */
  readonly format: string;
  readonly description: string;
  /** 0: always shown; 1: with `-o wide`. */
  readonly priority: number;
  /** A method, so that columns of one kind stand in tables of columns of any. */
  cell(object: T, nowMs: number): string | number | boolean | null;
}

/** Always shown. */
export function column<T>(
  name: string,
  cell: (object: T, nowMs: number) => string | number,
  description = '',
): Column<T> {
  return { name, type: 'string', format: '', description, priority: 0, cell };
}

/** Shown with `-o wide`. */
export function wide<T>(
  name: string,
  cell: (object: T, nowMs: number) => string | number,
  description = '',
): Column<T> {
  return { ...column(name, cell, description), priority: 1 };
}

/** First in every Table. */
export const nameColumn: Column = {
  ...column<KubeObject>('Name', ({ metadata }) => metadata.name, 'Name of the object.'),
  format: 'name',
};

/** Since when the object is there. */
export const ageColumn: Column = column<KubeObject>(
  'Age',
  ({ metadata }, nowMs) => ageText(metadata.creationTimestamp, nowMs),
  'Time since the object was created.',
);

/** What kubectl prints for nothing. */
export const none = '<none>';

/** `a, b` as kubectl joins; `<none>` when empty. */
export function joined(items: readonly string[]): string {
  return items.length === 0 ? none : items.join(',');
}

/** `a=b,c=d` in order of keys. */
export function selectorText(labels: Readonly<Record<string, string>> | undefined): string {
  return joined(
    Object.entries(labels ?? {})
      .map(([key, value]) => `${key}=${value}`)
      .toSorted(),
  );
}

/** At most three, then how many more: as kubectl has it for endpoints and hosts. */
export function firstThree(items: readonly string[]): string {
  if (items.length <= 3) return joined(items);
  return `${items.slice(0, 3).join(',')} + ${items.length - 3} more...`;
}
