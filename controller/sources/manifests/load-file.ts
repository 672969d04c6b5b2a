import { isUtf8 } from 'node:buffer';
import { readFile, stat } from 'node:fs/promises';
import type { Problem } from '../../base/index.ts';
import { type FileStamp, isAbsent, stampOf, topOf, unreadable } from './discover.ts';

/** Enough for 50 000 Services in one file, and far below what strings can hold. */
export const maxFileBytes: number = 64 * 1024 * 1024;

/** What a file holds at one moment. */
export type LoadedFile =
  | {
      readonly kind: 'text';
      readonly text: string;
      readonly stamp: FileStamp;
      readonly mtimeMs: number;
    }
  | { readonly kind: 'absent' | 'folder' }
  | {
      readonly kind: 'unreadable';
      readonly problem: Problem;
      readonly stamp: FileStamp | undefined;
    };

/** Reads a file as UTF-8 text, within bounds. Never rejects. */
export async function loadFile(path: string): Promise<LoadedFile> {
  let stamp: FileStamp | undefined;
  try {
    // Looked at first: a change while reading then shows as another stamp afterwards.
    const stats = await stat(path);
    stamp = stampOf(stats);
    if (stats.isDirectory()) return { kind: 'folder' };
    if (stats.size > maxFileBytes) {
      const message = `has ${stats.size} bytes, more than ${maxFileBytes}; it is not read`;
      return { kind: 'unreadable', stamp, problem: problem('FileTooLarge', message, path) };
    }
    const bytes = await readFile(path);
    if (!isUtf8(bytes)) {
      return { kind: 'unreadable', stamp, problem: problem('NotText', 'is not UTF-8 text', path) };
    }
    return { kind: 'text', text: decode(bytes), stamp, mtimeMs: stats.mtimeMs };
  } catch (error) {
    if (isAbsent(error)) return { kind: 'absent' };
    return { kind: 'unreadable', stamp, problem: unreadable(path, error) };
  }
}

/** Drops the byte order mark that some editors put first. */
export function decode(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  return text.startsWith('\ufeff') ? text.slice(1) : text;
}

function problem(reason: string, message: string, path: string): Problem {
  return {
    severity: 'error',
    reason,
    message,
    instead: 'a manifest in YAML or JSON',
    at: topOf(path),
  };
}
