import { hash } from 'node:crypto';
import type { ObjectRef } from '../../base/index.ts';
import type { AnyObject } from '../../objects/index.ts';
import { admit, formatPath, type Identity, type Issue, type Path } from '../../schema/index.ts';
import { contentLine } from './documents.ts';
import { parseFullYaml, type ParsedYaml, type Place } from './full-yaml.ts';
import { expandList } from './list.ts';
import { readValue } from './read-value.ts';
import { withoutServerFields } from './server-fields.ts';

/** An object that a document defines, without its content. */
export interface Entry {
  /** `Kind/namespace/name`. */
  readonly key: string;
  readonly identity: Identity;
  /** Where in the document: empty, or the place in a List. */
  readonly path: Path;
  /** Line of the document on which its content begins, from 1. */
  readonly line: number;
  /** Of the content, defaults included: equal means nothing to write. */
  readonly contentHash: string;
  /** Of `status`; undefined without one. */
  readonly statusHash: string | undefined;
}

/** Something to tell about a document, at a place in it. */
export interface DocumentProblem {
  readonly severity: 'error' | 'warning';
  readonly reason: string;
  readonly message: string;
  readonly instead?: string;
  readonly object?: ObjectRef;
  readonly place: Place;
}

/** What stays of a document after its objects were written. */
export interface DocumentRecord {
  readonly entries: readonly Entry[];
  readonly problems: readonly DocumentProblem[];
  /** `apiVersion kind` of each object that Portolan does not serve. */
  readonly unserved: readonly string[];
  /** Keys of objects that were refused: what they were before stays in force. */
  readonly refused: readonly string[];
  /** It can't be told which objects this document means to define. */
  readonly isOpaque: boolean;
}

/** A document's record with its objects, in the order of `entries`. */
export interface DocumentReading {
  readonly record: DocumentRecord;
  readonly objects: readonly AnyObject[];
}

/** `Kind/namespace/name`, the key of an object in everything here. */
export function keyOf({ kind, namespace, name }: Identity): string {
  return `${kind}/${namespace}/${name}`;
}

/** Reads one document: all its objects, and everything that is wrong with it. Never throws. */
export function readDocument(text: string): DocumentReading {
  const read = readValue(text);
  if (read.kind === 'broken') {
    // What a parser says after its first error mostly follows from that one.
    return opaque(
      read.problems.slice(0, 1).map(({ message, place }) => ({
        severity: 'error',
        reason: 'InvalidYAML',
        message: `${message}; what the file said before stays in force`,
        place,
      })),
    );
  }
  const { value } = read;
  if (value === null || value === undefined) return opaque([], false);
  if (isNoManifest(value)) {
    const place = { line: contentLine(text), column: 1 };
    return opaque([{ severity: 'warning', ...notAManifest, place }], false);
  }
  const reader = new ItemReader(text);
  for (const item of expandList(value)) reader.add(item.value, item.path);
  return reader.finish();
}

const notAManifest = {
  reason: 'NotAManifest',
  message: 'this is no Kubernetes object: it has neither apiVersion nor kind; it is ignored',
  instead: 'keep other YAML, such as Helm values, out of the folder of manifests',
};

function isNoManifest(value: unknown): boolean {
  const isMap = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isMap && !('apiVersion' in value) && !('kind' in value);
}

function opaque(problems: readonly DocumentProblem[], isOpaque = true): DocumentReading {
  return {
    record: { entries: [], problems, unserved: [], refused: [], isOpaque },
    objects: [],
  };
}

class ItemReader {
  readonly #text: string;
  readonly #entries: Entry[] = [];
  readonly #objects: AnyObject[] = [];
  readonly #problems: DocumentProblem[] = [];
  readonly #unserved: string[] = [];
  readonly #refused: string[] = [];
  #isOpaque = false;
  /** Only what has issues needs positions. */
  #parsed: ParsedYaml | undefined;

  readonly #line: number;

  constructor(text: string) {
    this.#text = text;
    this.#line = contentLine(text);
  }

  add(value: unknown, path: Path): void {
    const admission = admit(value);
    switch (admission.kind) {
      case 'known': {
        const object = withoutServerFields(admission.object);
        const identity = identityOf(object);
        this.#objects.push(object);
        this.#entries.push(entryOf(object, identity, path, this.#line));
        this.#report(admission.issues, path, identity);
        break;
      }
      case 'unknown-kind':
        this.#unserved.push(`${admission.apiVersion} ${admission.objectKind}`);
        break;
      case 'refused':
        if (admission.identity === undefined) this.#isOpaque = true;
        else this.#refused.push(keyOf(admission.identity));
        this.#report(admission.issues, path, admission.identity);
        break;
      default:
        admission satisfies never;
    }
  }

  finish(): DocumentReading {
    return {
      record: {
        entries: this.#entries,
        problems: this.#problems,
        unserved: this.#unserved,
        refused: this.#refused,
        isOpaque: this.#isOpaque,
      },
      objects: this.#objects,
    };
  }

  #report(issues: readonly Issue[], path: Path, identity: Identity | undefined): void {
    for (const issue of issues) {
      this.#parsed ??= parseFullYaml(this.#text);
      const field = formatPath(issue.path);
      const place = this.#parsed.locate(
        [...path, ...issue.path],
        issue.kind === 'unknown-field' ? 'key' : 'value',
      );
      this.#problems.push({
        severity: issue.severity,
        reason: reasons[issue.kind],
        message: identity === undefined ? sentence(field, issue.message) : issue.message,
        ...(issue.instead === undefined ? {} : { instead: issue.instead }),
        ...(identity === undefined ? {} : { object: { ...identity, field } }),
        place,
      });
    }
  }
}

/** Without an object to name, the message names the field itself. */
function sentence(field: string, message: string): string {
  return `${field === '' ? 'the document' : field} ${message}`;
}

const reasons: Readonly<Record<Issue['kind'], string>> = {
  'unknown-field': 'UnknownField',
  'wrong-type': 'WrongType',
  missing: 'MissingField',
  invalid: 'InvalidField',
};

function identityOf(object: AnyObject): Identity {
  const { namespace = '', name } = object.metadata;
  return { kind: object.kind, namespace, name };
}

function entryOf(object: AnyObject, identity: Identity, path: Path, line: number): Entry {
  const status = 'status' in object ? object.status : undefined;
  return {
    key: keyOf(identity),
    identity,
    path,
    line,
    contentHash: hash('sha1', JSON.stringify(object), 'base64'),
    statusHash: status === undefined ? undefined : hash('sha1', JSON.stringify(status), 'base64'),
  };
}
