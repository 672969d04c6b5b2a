/** What JSON.parse does not tell. */
export interface JsonScan {
  /** Paths of keys that stand twice in their object: `spec.ports[0].name`. */
  readonly duplicates: readonly string[];
  /** The deepest nesting; 0 for a scalar. */
  readonly depth: number;
}

/** More are not worth reading, and their paths add up. */
const maxDuplicates = 32;

interface Frame {
  readonly keys: Set<string> | undefined;
  /** The key, or the index, that is being read. */
  at: string | number;
}

const quoteMark = 0x22;
const backslash = 0x5c;

/**
 * Walks a JSON text for keys that stand twice and for its depth, without recursion: it runs before
 * anything that could overflow. What is no JSON gives some answer; JSON.parse is the judge.
 */
export function scanJson(text: string): JsonScan {
  const duplicates: string[] = [];
  const stack: Frame[] = [];
  let depth = 0;
  let expectsKey = false;
  for (let index = 0; index < text.length; index += 1) {
    const top = stack.at(-1);
    switch (text.charAt(index)) {
      case '"': {
        const end = endOfString(text, index);
        if (expectsKey && top?.keys !== undefined) {
          noteKey(text.slice(index, end + 1), top.keys, top, stack, duplicates);
        }
        expectsKey = false;
        index = end;
        break;
      }
      case '{':
        stack.push({ keys: new Set(), at: '' });
        expectsKey = true;
        break;
      case '[':
        stack.push({ keys: undefined, at: 0 });
        expectsKey = false;
        break;
      case '}':
      case ']':
        stack.pop();
        expectsKey = false;
        break;
      case ',':
        if (typeof top?.at === 'number') top.at += 1;
        expectsKey = top?.keys !== undefined;
        break;
      default:
    }
    depth = Math.max(depth, stack.length);
  }
  return { duplicates, depth };
}

function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end > 0) {
    let escapes = 0;
    while (text.charCodeAt(end - 1 - escapes) === backslash) escapes += 1;
    if (escapes % 2 === 0) return end;
    end = text.indexOf('"', end + 1);
  }
  return text.length;
}

function noteKey(
  quoted: string,
  keys: Set<string>,
  frame: Frame,
  stack: readonly Frame[],
  duplicates: string[],
): void {
  const key = unquoted(quoted);
  frame.at = key;
  if (keys.has(key) && duplicates.length < maxDuplicates) duplicates.push(pathOf(stack));
  keys.add(key);
}

function unquoted(quoted: string): string {
  if (quoted.includes('\\')) {
    try {
      const key: unknown = JSON.parse(quoted);
      if (typeof key === 'string') return key;
    } catch {
      // No JSON at all, which JSON.parse of the whole text reports.
    }
  }
  return quoted.charCodeAt(quoted.length - 1) === quoteMark ? quoted.slice(1, -1) : quoted;
}

function pathOf(stack: readonly Frame[]): string {
  return stack
    .map(({ at }) => (typeof at === 'number' ? `[${at}]` : `.${at}`))
    .join('')
    .replace(/^\./, '');
}
