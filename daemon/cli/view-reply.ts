import { PortolanError } from '../../controller/base/index.ts';
import type { ViewColumn, ViewTable } from '../views/index.ts';

/**
 * Reads the daemon's JSON, which may come from another version, or from something else entirely.
 * @throws PortolanError `UnknownReply`
 */
export function readViewTable(body: string): ViewTable {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch (cause) {
    throw unknownReply(cause);
  }
  const { columns, rows, objects } = isRecord(value) ? value : {};
  if (!isListOf(columns, isColumn) || !isListOf(rows, isRow)) throw unknownReply();
  if (objects === undefined) return { columns, rows };
  if (!isListOf(objects, isRecord)) throw unknownReply();
  return { columns, rows, objects };
}

function unknownReply(cause?: unknown): PortolanError {
  const message =
    'the reply is not that of a Portolan daemon of this version: is --admin the address of one?';
  return new PortolanError('UnknownReply', message, { cause });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isListOf<T>(value: unknown, isItem: (item: unknown) => item is T): value is readonly T[] {
  return Array.isArray(value) && value.every(isItem);
}

function isColumn(value: unknown): value is ViewColumn {
  return isRecord(value) && typeof value['name'] === 'string';
}

function isRow(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((cell) => typeof cell === 'string');
}
