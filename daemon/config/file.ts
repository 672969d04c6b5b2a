import { dirname, isAbsolute, join } from 'node:path';
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Pair,
  parseAllDocuments,
  type YAMLMap,
} from 'yaml';
import type { Position, Problem } from '../../controller/base/index.ts';
import { assign } from './assign.ts';
import { closest } from './closest.ts';
import type { OptionName, Settings } from './configuration.ts';
import { pathWords } from './path-types.ts';
import { keyText, optionNames, schema } from './schema.ts';

/** `apiVersion` and `kind` of the configuration file. */
export const configurationApiVersion = 'config.portolan.dev/v1alpha1';
export const configurationKind = 'PortolanConfiguration';

/** What a configuration file says: the settings that could be read, and all that is wrong. */
export interface ConfigurationFile {
  readonly settings: Settings;
  /** Each has a position and severity `error`. */
  readonly problems: readonly Problem[];
}

/** The same bound as for manifests would be far too much; this one is never reached by hand. */
const maxLength = 1_000_000;

/**
 * Reads a configuration file, YAML or JSON. Unknown keys are errors; everything wrong is reported
 * at once. Never throws. `file` names it in messages, and relative paths start from its folder.
 */
export function readConfigurationFile(file: string, text: string): ConfigurationFile {
  const reader = new Reader(file);
  reader.read(text);
  return { settings: reader.settings, problems: reader.problems };
}

class Reader {
  readonly settings: Settings = {};
  readonly problems: Problem[] = [];
  readonly #file: string;
  readonly #lines = new LineCounter();

  constructor(file: string) {
    this.#file = file;
  }

  read(text: string): void {
    if (text.length > maxLength) {
      this.#refuse(0, 'is longer than a configuration file can be', 'a shorter file');
      return;
    }
    const documents = parseAllDocuments(text, { lineCounter: this.#lines, version: '1.2' });
    const [document, second] = documents;
    const errors = documents.flatMap((one) => one.errors);
    for (const error of errors) {
      const brackets = text[error.pos[0] - 1] === ']';
      const instead = brackets ? 'addresses with brackets in quotes' : 'valid YAML or JSON';
      this.#refuse(error.pos[0], firstLine(error.message), instead, 'InvalidSyntax');
    }
    if (errors.length > 0) return;
    if (second !== undefined) {
      this.#refuse(second.range[0], 'holds more than one document', 'one configuration a file');
    }
    const root = document?.contents;
    if (!isMap(root)) {
      this.#refuse(root?.range?.[0] ?? 0, 'holds no configuration', this.#header());
      return;
    }
    this.#readRoot(root);
  }

  #header(): string {
    return `apiVersion: ${configurationApiVersion} and kind: ${configurationKind}`;
  }

  #readRoot(root: YAMLMap): void {
    this.#expect(root, 'apiVersion', configurationApiVersion);
    this.#expect(root, 'kind', configurationKind);
    for (const pair of root.items) {
      const key = keyOf(pair);
      if (key === 'apiVersion' || key === 'kind' || key === 'metadata') continue;
      this.#readPair(pair, [key]);
    }
  }

  #expect(root: YAMLMap, key: 'apiVersion' | 'kind', value: string): void {
    const pair = root.items.find((one) => keyOf(one) === key);
    const found = pair && isScalar(pair.value) ? pair.value.value : undefined;
    if (found === value) return;
    const offset = rangeStart(pair?.value) ?? rangeStart(root) ?? 0;
    const message = pair === undefined ? `${key} is missing` : `${key} is not the one known here`;
    this.#refuse(offset, message, `${key}: ${value}`);
  }

  #readPair(pair: Pair, path: readonly string[]): void {
    const dotted = path.join('.');
    const name = optionNames.find((one) => keyText(schema[one]) === dotted);
    if (name !== undefined) {
      this.#readValue(name, pair);
      return;
    }
    const isGroup = path.length === 1 && optionNames.some((one) => schema[one].key[0] === dotted);
    if (!isGroup) {
      this.#unknownKey(pair, path);
    } else if (isMap(pair.value)) {
      for (const inner of pair.value.items) this.#readPair(inner, [...path, keyOf(inner)]);
    } else {
      const keys = siblings(path).join(', ');
      this.#refuse(
        offsetOf(pair),
        `${dotted} needs keys of its own`,
        `${dotted}: {…} with ${keys}`,
      );
    }
  }

  #unknownKey(pair: Pair, path: readonly string[]): void {
    const dotted = path.join('.');
    const near = closest(path.at(-1) ?? '', siblings(path.slice(0, -1)));
    const flag = optionNames.find((one) => schema[one].flag === dotted);
    const instead =
      flag !== undefined
        ? keyText(schema[flag])
        : near === undefined
          ? `one of ${siblings(path.slice(0, -1)).join(', ')}`
          : [...path.slice(0, -1), near].join('.');
    const offset = rangeStart(pair.key) ?? 0;
    this.#refuse(offset, `${JSON.stringify(dotted)} is no key`, instead, 'UnknownKey');
  }

  #readValue(name: OptionName, pair: Pair): void {
    const option = schema[name];
    const items = isSeq(pair.value) && option.type.list ? pair.value.items : [pair.value];
    const texts: string[] = [];
    for (const item of items) {
      const text = scalarText(item);
      if (text === undefined) {
        this.#refuse(offsetOf(pair, item), shapeMessage(keyText(option), item), shapeHint(option));
        return;
      }
      texts.push(option.paths === true ? this.#fromFolder(text) : text);
      const parsed = option.type.parse(texts.slice(-1));
      if (parsed.kind === 'refused') {
        const message = `${keyText(option)}: ${parsed.message}`;
        this.#refuse(offsetOf(pair, item), message, parsed.instead);
        return;
      }
    }
    const parsed = assign(this.settings, name, texts);
    if (parsed.kind === 'refused') {
      this.#refuse(offsetOf(pair), `${keyText(option)}: ${parsed.message}`, parsed.instead);
    }
  }

  #fromFolder(path: string): string {
    return path === '' || pathWords.has(path) || isAbsolute(path)
      ? path
      : join(dirname(this.#file), path);
  }

  #refuse(offset: number, message: string, instead: string, reason = 'InvalidConfiguration'): void {
    const { line, col } = this.#lines.linePos(offset);
    // Before the first line is counted the counter answers line 0.
    const at: Position = { file: this.#file, line: Math.max(line, 1), column: Math.max(col, 1) };
    this.problems.push({ severity: 'error', reason, message, instead: `write ${instead}`, at });
  }
}

/** Keys that may stand below `path`. */
function siblings(path: readonly string[]): readonly string[] {
  const [group] = path;
  const keys = optionNames.flatMap((name) => {
    const { key } = schema[name];
    if (group === undefined) return [key[0]];
    return key[0] === group && key[1] !== undefined ? [key[1]] : [];
  });
  return [...new Set(keys)];
}

function keyOf(pair: Pair): string {
  return isScalar(pair.key) ? String(pair.key.value) : '';
}

function rangeStart(node: unknown): number | undefined {
  return isScalar(node) || isMap(node) || isSeq(node) || isAlias(node)
    ? node.range?.[0]
    : undefined;
}

function offsetOf(pair: Pair, item: unknown = pair.value): number {
  return rangeStart(item) ?? rangeStart(pair.value) ?? rangeStart(pair.key) ?? 0;
}

/** As written, so that messages quote what the user sees: `08` stays `08`. */
function scalarText(node: unknown): string | undefined {
  if (!isScalar(node) || node.value === null) return undefined;
  return typeof node.value === 'string' ? node.value : node.source;
}

function shapeMessage(key: string, node: unknown): string {
  if (isSeq(node)) return `${key} is a list where one value belongs`;
  if (isMap(node)) return `${key} is a map where a value belongs`;
  if (isAlias(node)) return `${key} is an alias, which this file may not have`;
  return `${key} has no value`;
}

function shapeHint(option: { readonly type: { readonly placeholder: string } }): string {
  return `${option.type.placeholder}, in quotes if it has brackets`;
}

function firstLine(message: string): string {
  return (message.split('\n')[0] ?? '').replace(/ at line \d+, column \d+:?$/, '');
}

/** A cheap look at whether a file is meant to be a configuration file rather than a manifest. */
export function looksLikeConfiguration(text: string): boolean {
  return /^\s*"?apiVersion"?\s*:\s*["']?config\.portolan\.dev\//m.test(text);
}
