import type { Path } from './issue.ts';

/**
 * As the API server prints field paths: `spec.ports[0].targetPort`, with keys of maps in brackets
 * where they would not read as one word, `metadata.annotations[example.com/a]`.
 */
export function formatPath(path: Path): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else if (!/^[\w$-]+$/.test(part)) text += `[${part}]`;
    else text += text === '' ? part : `.${part}`;
  }
  return text;
}

/** Reads what `formatPath` writes. A number in brackets is an index; who looks up may know better. */
export function parsePath(text: string): Path {
  const path: (string | number)[] = [];
  for (const [, bracket, word] of text.matchAll(/\[([^\]]*)\]|([^.[\]]+)/g)) {
    if (word !== undefined) path.push(word);
    else if (bracket !== undefined)
      path.push(/^\d{1,9}$/.test(bracket) ? Number(bracket) : bracket);
  }
  return path;
}
