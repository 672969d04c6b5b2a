import { jsonEqual } from '../../store/index.ts';
import { isJsonList, isJsonObject, type JsonObject, ownField, withField } from './json.ts';
import { listIndex, parsePointer } from './json-pointer.ts';
import { PatchError } from './patch-error.ts';

/** As the API server's limit (`maxJSONPatchOperations`). */
export const maxJsonPatchOperations = 10_000;

/**
 * What copies may add up to, in values: a few operations that each copy the whole document into
 * itself would double it without end.
 */
const maxCopiedValues = 100_000;

interface Operation {
  readonly op: string;
  readonly path: string;
  readonly from: string | undefined;
  /** Undefined when the operation has none; null is a value. */
  readonly value: unknown;
}

interface CopyBudget {
  left: number;
}

/**
 * JSON Patch (RFC 6902). Operations apply in order, and all or none of them.
 * @throws PatchError `BadRequest` for what is no JSON Patch, `Invalid` for one that does not fit
 * the document (a `test` that fails, a path that is not there)
 */
export function applyJsonPatch(target: JsonObject, patch: unknown): JsonObject {
  if (!isJsonList(patch)) {
    throw new PatchError('BadRequest', 'a JSON patch must be a list of operations');
  }
  if (patch.length > maxJsonPatchOperations) {
    throw new PatchError(
      'RequestEntityTooLarge',
      `a JSON patch may have ${maxJsonPatchOperations} operations, this one has ${patch.length}`,
    );
  }
  const budget: CopyBudget = { left: maxCopiedValues };
  let document: unknown = target;
  for (const [index, element] of patch.entries()) {
    document = applyOperation(document, readOperation(element, index), index, budget);
  }
  if (!isJsonObject(document)) {
    throw new PatchError('Invalid', 'the JSON patch leaves no object');
  }
  return document;
}

function readOperation(element: unknown, index: number): Operation {
  const at = `operation ${index} of the JSON patch`;
  if (!isJsonObject(element)) throw new PatchError('BadRequest', `${at} is no object`);
  const { op, path, from } = element;
  if (typeof op !== 'string') throw new PatchError('BadRequest', `${at} has no "op"`);
  if (typeof path !== 'string') throw new PatchError('BadRequest', `${at} has no "path"`);
  const needsFrom = op === 'move' || op === 'copy';
  if (needsFrom && typeof from !== 'string') {
    throw new PatchError('BadRequest', `${at} (${op}) has no "from"`);
  }
  const value = ownField(element, 'value');
  if (['add', 'replace', 'test'].includes(op) && value === undefined) {
    throw new PatchError('BadRequest', `${at} (${op} ${path}) has no "value"`);
  }
  return { op, path, from: typeof from === 'string' ? from : undefined, value };
}

function applyOperation(
  document: unknown,
  operation: Operation,
  index: number,
  budget: CopyBudget,
): unknown {
  const { op, value } = operation;
  const path = parsePointer(operation.path);
  const from = parsePointer(operation.from ?? '');
  const place = `operation ${index} of the JSON patch (${op} ${operation.path})`;
  switch (op) {
    case 'add':
      return add(document, path, value, place);
    case 'remove':
      return remove(document, path, place);
    case 'replace':
      find(document, path, place);
      return replaceAt(document, path, place, () => value);
    case 'test':
      if (!jsonEqual(find(document, path, place), value)) {
        throw new PatchError('Invalid', `${place}: the value there is another`);
      }
      return document;
    case 'move': {
      if (isWithin(path, from)) {
        throw new PatchError('Invalid', `${place}: nothing can be moved into itself`);
      }
      const moved = find(document, from, place);
      return add(remove(document, from, place), path, moved, place);
    }
    case 'copy': {
      const copied = find(document, from, place);
      spend(budget, copied, place);
      return add(document, path, copied, place);
    }
    default:
      throw new PatchError('BadRequest', `${place}: there is no operation ${JSON.stringify(op)}`);
  }
}

/** True below `outer`, not for `outer` itself: moving a value onto itself changes nothing. */
function isWithin(path: readonly string[], outer: readonly string[]): boolean {
  return path.length > outer.length && outer.every((token, index) => path[index] === token);
}

function spend(budget: CopyBudget, value: unknown, place: string): void {
  budget.left -= 1;
  if (budget.left < 0) throw new PatchError('RequestEntityTooLarge', `${place} copies too much`);
  if (typeof value !== 'object' || value === null) return;
  for (const inner of Object.values(value)) spend(budget, inner, place);
}

function find(document: unknown, path: readonly string[], place: string): unknown {
  let found = document;
  for (const token of path) {
    if (isJsonList(found)) {
      const index = listIndex(token, found.length);
      found = index === undefined ? undefined : found[index];
    } else {
      found = isJsonObject(found) ? ownField(found, token) : undefined;
    }
    if (found === undefined) throw new PatchError('Invalid', `${place}: the path is not there`);
  }
  return found;
}

function add(document: unknown, path: readonly string[], value: unknown, place: string): unknown {
  const last = path.at(-1);
  if (last === undefined) return value;
  return replaceAt(document, path.slice(0, -1), place, (parent) => {
    if (isJsonObject(parent)) return withField(parent, last, value);
    if (!isJsonList(parent)) throw new PatchError('Invalid', `${place}: the path is not there`);
    // One past the end is where an element may be added.
    const index = last === '-' ? parent.length : listIndex(last, parent.length + 1);
    if (index === undefined) throw new PatchError('Invalid', `${place}: the path is not there`);
    return parent.toSpliced(index, 0, value);
  });
}

function remove(document: unknown, path: readonly string[], place: string): unknown {
  const last = path.at(-1);
  if (last === undefined) throw new PatchError('Invalid', `${place}: removes the whole document`);
  find(document, path, place);
  return replaceAt(document, path.slice(0, -1), place, (parent) => {
    if (isJsonObject(parent)) return withField(parent, last, undefined);
    if (isJsonList(parent)) return parent.toSpliced(Number(last), 1);
    return parent;
  });
}

/** The document with the value at `path`, which must be there, changed; copies what lies above. */
function replaceAt(
  document: unknown,
  path: readonly string[],
  place: string,
  change: (value: unknown) => unknown,
): unknown {
  const [token, ...rest] = path;
  if (token === undefined) return change(document);
  const inner = find(document, [token], place);
  const changed = replaceAt(inner, rest, place, change);
  if (isJsonList(document)) return document.with(Number(token), changed);
  return isJsonObject(document) ? { ...document, [token]: changed } : document;
}
