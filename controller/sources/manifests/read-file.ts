import { basename } from 'node:path';
import type { Problem } from '../../base/index.ts';
import type { AnyObject } from '../../objects/index.ts';
import { splitDocuments } from './documents.ts';
import {
  type DocumentProblem,
  type DocumentRecord,
  type Entry,
  readDocument,
} from './read-document.ts';

/** One document of a file as it is remembered: no text, no objects. */
export interface PlacedRecord {
  readonly hash: string;
  /** Line of the file on which the document's text begins. */
  readonly line: number;
  readonly record: DocumentRecord;
}

/** What one file says. */
export interface FileReading {
  readonly documents: readonly PlacedRecord[];
  /** Objects of documents that are not the same as before, by `Entry.key`; the first of a key. */
  readonly objects: ReadonlyMap<string, AnyObject>;
}

/** What files named so hold is for kustomize to build. */
const kustomizationFiles = new Set(['kustomization.yaml', 'kustomization.yml', 'Kustomization']);

/**
 * Reads the text of a file. Documents that `before` has under the same hash are not parsed again:
 * a change costs what the changed document costs.
 */
export function readFileText(
  path: string,
  text: string,
  before: readonly PlacedRecord[],
): FileReading {
  if (kustomizationFiles.has(basename(path)))
    return { documents: [kustomization], objects: noObjects };
  const known = new Map(before.map((one) => [one.hash, one.record]));
  const documents: PlacedRecord[] = [];
  const objects = new Map<string, AnyObject>();
  for (const { text: document, line, hash } of splitDocuments(text)) {
    let record = known.get(hash);
    if (record === undefined) {
      const reading = readDocument(document);
      record = isTemplate(document, reading.record) ? templateRecord(document) : reading.record;
      reading.objects.forEach((object, index) => {
        const key = reading.record.entries[index]?.key;
        if (key !== undefined && !objects.has(key)) objects.set(key, object);
      });
    }
    documents.push({ hash, line, record });
  }
  return { documents: onlyOneTemplate(documents), objects };
}

const noObjects: ReadonlyMap<string, AnyObject> = new Map();

const nothing: DocumentRecord = {
  entries: [],
  problems: [],
  unserved: [],
  refused: [],
  isOpaque: false,
};

const kustomization: PlacedRecord = {
  hash: 'kustomization',
  line: 1,
  record: {
    ...nothing,
    problems: [
      {
        severity: 'warning',
        reason: 'KustomizationNotBuilt',
        message: 'kustomizations are not built: the files beside it are read as they are',
        instead: 'build it first, as in `kubectl kustomize DIR > manifests.yaml`',
        place: { line: 1, column: 1 },
      },
    ],
  },
};

/** A template that happens to be YAML is found too: `{{ x }}` is a map as the key of a map. */
function isTemplate(text: string, record: DocumentRecord): boolean {
  return record.isOpaque && /\{\{.*\}\}/.test(text);
}

function templateRecord(text: string): DocumentRecord {
  const line = text.slice(0, text.indexOf('{{')).split('\n').length;
  return {
    ...nothing,
    isOpaque: true,
    problems: [
      {
        severity: 'error',
        reason: 'UnrenderedTemplate',
        message: 'this is a Helm template, not a manifest',
        instead: 'render it first, as in `helm template RELEASE CHART > manifests.yaml`',
        place: { line, column: 1 },
      },
    ],
  };
}

/** A template falls into many documents; saying it once is enough. */
function onlyOneTemplate(documents: readonly PlacedRecord[]): readonly PlacedRecord[] {
  let seen = false;
  return documents.map((one) => {
    if (!one.record.problems.some(({ reason }) => reason === 'UnrenderedTemplate')) return one;
    if (seen) return { ...one, record: { ...one.record, problems: [] } };
    seen = true;
    return one;
  });
}

/** Entries of a file in order. A key that stands twice counts where it stands first. */
export function entriesOf(documents: readonly PlacedRecord[]): ReadonlyMap<string, Entry> {
  const entries = new Map<string, Entry>();
  for (const { record } of documents) {
    for (const entry of record.entries) if (!entries.has(entry.key)) entries.set(entry.key, entry);
  }
  return entries;
}

/** More would hide what matters; a file full of mistakes mostly has one mistake. */
const maxProblems = 100;

/** The problems of a file, with places in the file. */
export function problemsOf(path: string, documents: readonly PlacedRecord[]): readonly Problem[] {
  const problems = documents.flatMap(({ line, record }) =>
    record.problems.map((problem) => placed(path, line, problem)),
  );
  if (problems.length <= maxProblems) return problems;
  const rest = problems.length - maxProblems;
  const severity = problems.slice(maxProblems).some((one) => one.severity === 'error')
    ? 'error'
    : 'warning';
  return [
    ...problems.slice(0, maxProblems),
    {
      severity,
      reason: 'MoreProblems',
      message: `${rest} more problems in this file are not listed`,
      at: { file: path, line: 1, column: 1 },
    },
  ];
}

function placed(path: string, line: number, problem: DocumentProblem): Problem {
  const { place, ...rest } = problem;
  return { ...rest, at: { file: path, line: line + place.line - 1, column: place.column } };
}
