import { hash } from 'node:crypto';

/** One document of a file, as text. */
export interface RawDocument {
  readonly text: string;
  /** Line of the file on which `text` begins, from 1. */
  readonly line: number;
  /** Equal means the same text: nothing to parse again. */
  readonly hash: string;
}

/**
 * Cuts a YAML stream at its `---` and `...` lines. In YAML these always end a document, wherever
 * they stand at the start of a line, so no parsing is needed. Parts without content are left out.
 * JSON has neither and comes back whole. `helm install --dry-run` ends in notes for people: they
 * are cut off at their heading.
 */
export function splitDocuments(file: string): readonly RawDocument[] {
  const documents: RawDocument[] = [];
  let start = 0;
  let line = 1;
  let startLine = 1;
  const close = (end: number): void => {
    const part = file.slice(start, end);
    const notes = part.search(/^NOTES:$/m);
    const text = notes < 0 ? part : part.slice(0, notes);
    if (hasContent(text))
      documents.push({ text, line: startLine, hash: hash('sha1', text, 'base64') });
  };
  for (let at = 0; at < file.length; ) {
    const newline = file.indexOf('\n', at);
    const next = newline < 0 ? file.length : newline + 1;
    const code = file.charCodeAt(at);
    if ((code === dash || code === dot) && isMarker(file, at)) {
      close(at);
      // `--- # Source: chart` and `--- {a: b}` belong to the document that they open.
      start = code === dash ? at : next;
      startLine = code === dash ? line : line + 1;
    }
    at = next;
    line += 1;
  }
  close(file.length);
  return documents;
}

const dash = 45;
const dot = 46;

function isMarker(file: string, at: number): boolean {
  const mark = file.slice(at, at + 3);
  const after = file[at + 3];
  return (mark === '---' || mark === '...') && (after === undefined || /[\s]/.test(after));
}

/** False for nothing but comments, directives and markers. */
function hasContent(text: string): boolean {
  return /^(?!---\s*(?:#.*)?$|[ \t]*#|%)[^\S\n]*\S/m.test(text);
}

/** Line of the first content, from 1: comments above belong to nobody's message. */
export function contentLine(text: string): number {
  const match = /^(?!---\s*(?:#.*)?$|[ \t]*#|%)[^\S\n]*\S/m.exec(text);
  return match === null ? 1 : text.slice(0, match.index).split('\n').length;
}
