import { STATUS_CODES } from 'node:http';
import type { FieldList } from '../field-list.ts';
import { fieldKind } from '../hpack/header-field.ts';

/**
 * Reads the head of a response (RFC 9113 §8.3.2) and writes it as HTTP/1.1 would, for the parser
 * that reads all responses. Undefined: malformed.
 */
export function responseText(list: FieldList): string | undefined {
  const [first] = list.fields;
  if (first?.kind !== fieldKind.status || !/^[1-5]\d\d$/.test(first.value)) return undefined;
  let text = `HTTP/1.1 ${first.value} ${STATUS_CODES[first.value] ?? ''}\r\n`;
  for (const { kind, line } of list.fields) {
    if (kind === fieldKind.malformed) return undefined;
    if (kind < fieldKind.regular && kind !== fieldKind.status) return undefined;
    text += line;
  }
  const statuses = list.fields.filter(({ kind }) => kind === fieldKind.status).length;
  return statuses === 1 ? `${text}\r\n` : undefined;
}
