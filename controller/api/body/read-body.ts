import { parseFullYaml } from '../../sources/manifests/full-yaml.ts';
import { BodyError } from './body-error.ts';
import { scanJson } from './scan-json.ts';

/** The content of a request's body. */
export interface Body {
  readonly value: unknown;
  /** Paths of keys that stand twice; the last one counts. What `fieldValidation` reports. */
  readonly duplicates: readonly string[];
}

/**
 * Nesting of objects and lists: the deepest field of the published API lies at 20, schemas of
 * custom kinds may need some more.
 */
export const maxBodyDepth = 100;

/**
 * YAML takes a hundred times as long to parse as JSON, which all clients send: 256 KiB take some
 * 200 ms, during which nothing else is answered.
 */
const maxYamlBytes = 256 * 1024;

/**
 * Reads JSON. Messages never quote the body, which may be a Secret.
 * @throws BodyError
 */
export function readJsonBody(text: string): Body {
  const { duplicates, depth } = scanJson(text);
  checkDepth(depth);
  try {
    const value: unknown = JSON.parse(text);
    return { value, duplicates };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const where = /\(line \d+ column \d+\)/.exec(error.message)?.[0];
    throw new BodyError(
      'BadRequest',
      `the body is no valid JSON${where === undefined ? '' : ` ${where}`}`,
    );
  }
}

/**
 * Reads one YAML document, of which JSON is a kind: what `kubectl apply --server-side` sends. Here
 * a key that stands twice is an error, as for YAML itself.
 * @throws BodyError
 */
export function readYamlBody(text: string): Body {
  if (/^\s*\{/.test(text)) return readJsonBody(text);
  if (Buffer.byteLength(text) > maxYamlBytes) {
    throw new BodyError(
      'RequestEntityTooLarge',
      `a YAML body may have ${maxYamlBytes} bytes; send large objects as JSON`,
    );
  }
  checkDepth(bracketDepth(text));
  if (documentsIn(text) > 1) {
    throw new BodyError('BadRequest', 'the body has several YAML documents; send one at a time');
  }
  const parsed = parseFullYaml(text);
  const [problem] = parsed.problems;
  if (problem !== undefined) throw yamlError(problem.place.line);
  const read = parsed.value();
  if ('problem' in read) throw yamlError(read.problem.place.line, read.problem.message);
  checkDepth(depthOf(read.value));
  return { value: read.value, duplicates: [] };
}

/** Documents with content, not counting what only comments. */
function documentsIn(text: string): number {
  return text.split(/^---(?=\s|$)/m).filter((part) => /^[^\S\n]*[^\s#]/m.test(part)).length;
}

/** Messages of the parser quote the text; those about aliases do not. */
function yamlError(line: number, message?: string): BodyError {
  return new BodyError(
    'BadRequest',
    `the body is no valid YAML (line ${line})${message === undefined ? '' : `: ${message}`}`,
  );
}

function checkDepth(depth: number): void {
  if (depth > maxBodyDepth) {
    throw new BodyError('BadRequest', `the body is nested more than ${maxBodyDepth} levels deep`);
  }
}

/**
 * Open brackets, quoted or not: parsing deep flow collections is what takes longest. Text that has
 * a hundred more opened than closed is refused with them.
 */
function bracketDepth(text: string): number {
  let open = 0;
  let deepest = 0;
  for (const [bracket] of text.matchAll(/[[\]{}]/g)) {
    open += bracket === '[' || bracket === '{' ? 1 : -1;
    deepest = Math.max(deepest, open);
  }
  return deepest;
}

/** As deep as it matters: one more than is allowed. */
function depthOf(value: unknown, above = 0): number {
  if (typeof value !== 'object' || value === null || above > maxBodyDepth) return above;
  let deepest = above + 1;
  for (const inner of Object.values(value)) deepest = Math.max(deepest, depthOf(inner, above + 1));
  return deepest;
}
