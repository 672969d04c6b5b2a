import { readFileSync } from 'node:fs';
import { normalize } from 'node:path';
import { text as readStream } from 'node:stream/consumers';
import type { ObjectRef, Position, Problem } from '../../base/index.ts';
import { type AnyObject, type Kind, kinds } from '../../objects/index.ts';
import { discover } from './discover.ts';
import { loadFile } from './load-file.ts';
import { locateInFile } from './locate.ts';
import { ManifestSet } from './manifest-set.ts';
import { keyOf } from './read-document.ts';

/** An object with where it is written. */
export interface LocatedObject {
  readonly object: AnyObject;
  readonly at: Position;
}

/** Everything that some paths hold. */
export interface Manifests {
  readonly objects: readonly LocatedObject[];
  /** In order of files, then of lines. */
  readonly problems: readonly Problem[];
  /** Files that were read, in path order. */
  readonly files: readonly string[];
  /** Where an object, or a field of it, is written. */
  locate(ref: ObjectRef): Position | undefined;
}

export interface ReadOptions {
  /** What the path `-` stands for. Default: standard input. */
  readonly stdin?: () => Promise<string>;
}

/** How standard input is named in messages. */
const stdinName = '<stdin>';

/**
 * Reads files, folders and `-` once, for `portolan check`. Whatever is wrong is in `problems`; the
 * promise rejects only if standard input can't be read.
 */
export async function readManifests(
  paths: readonly string[],
  options: ReadOptions = {},
): Promise<Manifests> {
  const set = new ManifestSet(0);
  const found = await discover(paths.filter((path) => path !== '-').map(normalizePath));
  let stdinText: string | undefined;
  if (paths.includes('-')) {
    stdinText = await (options.stdin ?? (() => readStream(process.stdin)))();
    set.read(stdinName, stdinText, 0);
  }
  for (const path of found.files.keys()) {
    const loaded = await loadFile(path);
    if (loaded.kind === 'text') set.read(path, loaded.text, 0);
    else if (loaded.kind === 'unreadable') set.unreadable(path, loaded.problem);
  }
  const textOf = (path: string): string | undefined =>
    path === stdinName ? stdinText : readText(path);
  return {
    objects: set
      .changes()
      .put.map(({ entry, object }) => ({ object, at: placeOf(set, entry.key) })),
    problems: [
      ...found.gone.map(gone),
      ...found.problems,
      ...[...set.changedProblems()].flatMap(([, problems]) => problems),
      ...set.unserved(),
    ],
    files: [...found.files.keys(), ...(stdinText === undefined ? [] : [stdinName])],
    locate: (ref) => locateObject(set, ref, textOf),
  };
}

/** Where an object of a set is written; `textOf` gives a file's text now. */
export function locateObject(
  set: ManifestSet,
  ref: ObjectRef,
  textOf: (path: string) => string | undefined,
): Position | undefined {
  if (!Object.hasOwn(kinds, ref.kind)) return undefined;
  const kind = ref.kind as Kind;
  const found = set.find(keyOf({ kind, namespace: ref.namespace, name: ref.name }));
  if (found === undefined) return undefined;
  const { path, entry, document } = found;
  const text = document === undefined ? undefined : textOf(path);
  if (document === undefined || text === undefined) return { file: path, line: 1, column: 1 };
  return locateInFile(path, text, document, entry, ref.field);
}

/** The text of a file, or undefined when it can't be read now. */
export function readText(path: string): string | undefined {
  try {
    const text = readFileSync(path, 'utf8');
    return text.startsWith('\ufeff') ? text.slice(1) : text;
  } catch (error) {
    // Gone or closed off meanwhile, which the next look at the file will report.
    if (error instanceof Error && 'code' in error) return undefined;
    throw error;
  }
}

/** `./a/` and `a` are one path. */
export function normalizePath(path: string): string {
  const normal = normalize(path);
  return normal.length > 1 && normal.endsWith('/') ? normal.slice(0, -1) : normal;
}

function placeOf(set: ManifestSet, key: string): Position {
  const found = set.find(key);
  const line = (found?.document?.line ?? 1) + (found?.entry.line ?? 1) - 1;
  return { file: found?.path ?? '', line, column: 1 };
}

function gone(path: string): Problem {
  return {
    severity: 'error',
    reason: 'NoSuchPath',
    message: `${path} does not exist`,
    instead: 'name a manifest file, or a folder with manifests',
  };
}
