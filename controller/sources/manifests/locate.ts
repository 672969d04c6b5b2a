import type { Position } from '../../base/index.ts';
import { type Path, parsePath } from '../../schema/index.ts';
import { splitDocuments } from './documents.ts';
import { parseFullYaml } from './full-yaml.ts';
import type { Entry } from './read-document.ts';
import type { PlacedRecord } from './read-file.ts';

/**
 * Where a field of an object is written, or the object if `field` is undefined. Parses the one
 * document again, since positions of everything would take more memory than everything.
 */
export function locateInFile(
  file: string,
  text: string,
  document: PlacedRecord,
  entry: Entry,
  field: string | undefined,
): Position {
  const raw = splitDocuments(text).find(({ hash }) => hash === document.hash);
  // The file has changed since: it is about to be read again.
  if (raw === undefined) return { file, line: document.line, column: 1 };
  const path: Path = [...entry.path, ...(field === undefined ? [] : parsePath(field))];
  const place = parseFullYaml(raw.text).locate(path, 'value');
  return { file, line: raw.line + place.line - 1, column: place.column };
}
