import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Pair,
  parseDocument,
  visit,
  type Node as YamlNode,
} from 'yaml';
import type { Path } from '../../schema/index.ts';

/** A place in one document, from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** Text that is no YAML, and where that shows. */
export interface SyntaxProblem {
  readonly place: Place;
  readonly message: string;
}

/** A document with its nodes: slow, so only for what plain reading gave up on, and for positions. */
export interface ParsedYaml {
  readonly problems: readonly SyntaxProblem[];
  /** The content, if there are no problems; or what shows only when aliases are followed. */
  value(): { readonly value: unknown } | { readonly problem: SyntaxProblem };
  /** The value at `path`, or its key; the nearest enclosing thing if there is none. */
  locate(path: Path, what: 'key' | 'value'): Place;
}

/**
 * Aliases may not multiply a document: a hundred uses of nested anchors are more than any manifest
 * has, and far from a billion laughs.
 */
const maxAliasCount = 100;

/**
 * `yes`, `no`, `on` and `off` are truth values, as kubectl reads them (YAML 1.1): a file should
 * mean here what it means in a cluster. Single letters are left alone, `y: 1` being a coordinate.
 */
const kubectlBoolean = {
  tag: 'tag:yaml.org,2002:bool',
  default: true,
  identify: (value: unknown) => typeof value === 'boolean',
  test: /^(?:yes|Yes|YES|no|No|NO|on|On|ON|off|Off|OFF)$/,
  resolve: (text: string) => /^(?:yes|on)$/i.test(text),
} as const;

/** Parses one document with positions. */
export function parseFullYaml(text: string): ParsedYaml {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    schema: 'core',
    customTags: (tags) => [kubectlBoolean, ...tags],
    merge: true,
    stringKeys: true,
    prettyErrors: false,
    logLevel: 'silent',
    lineCounter: lines,
  });
  const placeOf = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  return {
    problems: document.errors.map((error) => ({
      place: placeOf(error.pos[0]),
      message: oneLine(error.message),
    })),
    value: () => {
      const trouble = aliasTrouble(document);
      if (trouble !== undefined) {
        return { problem: { place: placeOf(trouble.offset), message: trouble.message } };
      }
      try {
        const value: unknown = document.toJS({ maxAliasCount });
        return { value };
      } catch (error) {
        // What the library finds only now: too many aliases, or `<<` with something to merge that
        // is no map.
        if (!(error instanceof Error)) throw error;
        const tooMany = error instanceof ReferenceError;
        const message = tooMany ? 'aliases multiply this document' : oneLine(error.message);
        return { problem: { place: placeOf(0), message } };
      }
    },
    locate: (path, what) => placeOf(offsetOf(document, path, what)),
  };
}

/** An alias of nothing, mostly text that begins with `*`; or of something that it is part of. */
function aliasTrouble(
  document: Document,
): { readonly offset: number; readonly message: string } | undefined {
  let found: { readonly offset: number; readonly message: string } | undefined;
  visit(document, {
    Alias(_key, alias, path) {
      const target = alias.resolve(document);
      if (target !== undefined && !path.includes(target)) return undefined;
      const offset = startOf(alias) ?? 0;
      found = {
        offset,
        message:
          target === undefined
            ? 'an alias names no anchor before it; text that begins with "*" needs quotes'
            : 'an alias stands inside the anchor that it names',
      };
      return visit.BREAK;
    },
  });
  return found;
}

function oneLine(message: string): string {
  return message.replaceAll(/\s+/g, ' ').trim();
}

function offsetOf(document: Document, path: Path, what: 'key' | 'value'): number {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  path.forEach((part, depth) => {
    const resolved: unknown = isAlias(node) ? node.resolve(document) : node;
    node = undefined;
    if (isSeq(resolved)) {
      node = resolved.items[Number(part)];
      offset = startOf(node) ?? offset;
    } else if (isMap(resolved)) {
      const pair = resolved.items.find((one) => keyOf(one) === String(part));
      if (pair === undefined) return;
      node = pair.value;
      const wantsKey = what === 'key' && depth === path.length - 1;
      offset = (wantsKey ? undefined : startOfValue(node)) ?? startOf(pair.key) ?? offset;
    }
  });
  return offset;
}

function keyOf(pair: Pair): string | undefined {
  return isScalar(pair.key) ? String(pair.key.value) : undefined;
}

/** Where a map begins says little: its key is on the line that people look for. */
function startOfValue(node: unknown): number | undefined {
  return isMap(node) || isSeq(node) ? undefined : startOf(node);
}

function startOf(node: unknown): number | undefined {
  return (node as Partial<YamlNode> | null | undefined)?.range?.[0];
}
