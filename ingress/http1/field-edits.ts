/** Bytes that would end a line, or that no value may have (RFC 9110 §5.5). */
// oxlint-disable-next-line no-control-regex -- they are what it is about.
const controls = /[\0-\x08\x0a-\x1f\x7f]+/g;

/** A value that cannot end its line, whatever it was made of: control characters become spaces. */
export function cleanValue(value: string): string {
  return value.replace(controls, ' ');
}

/**
 * Changes to the fields of a head: what to leave out, what to put in. Kept apart from the head, so
 * that a head without changes passes in whole runs of lines.
 */
export class FieldEdits {
  /** Lower case. */
  readonly #removed = new Set<string>();
  readonly #added: { readonly name: string; readonly value: string }[] = [];

  get isEmpty(): boolean {
    return this.#removed.size === 0 && this.#added.length === 0;
  }

  /** Leaves a field out, however it is spelled; also one that was set or added before. */
  remove(name: string): void {
    const lower = name.toLowerCase();
    this.#removed.add(lower);
    for (let index = this.#added.length - 1; index >= 0; index -= 1) {
      if (this.#added[index]?.name.toLowerCase() === lower) this.#added.splice(index, 1);
    }
  }

  /** One value in place of all that there were. Control characters become spaces. */
  set(name: string, value: string): void {
    this.remove(name);
    this.add(name, value);
  }

  /** One more value. Control characters become spaces. */
  add(name: string, value: string): void {
    this.#added.push({ name, value: cleanValue(value) });
  }

  /** Field lines, each with its CRLF, as they are after the changes. */
  applyTo(lines: string): string {
    let result = this.#removed.size === 0 ? lines : without(lines, this.#removed);
    for (const { name, value } of this.#added) result += `${name}: ${value}\r\n`;
    return result;
  }
}

/** Looks at each line once, and pays for a copy only where a name is. */
function without(lines: string, lowerNames: ReadonlySet<string>): string {
  let kept = '';
  let keptTo = 0;
  let start = 0;
  while (start < lines.length) {
    const end = lines.indexOf('\n', start) + 1 || lines.length;
    for (const name of lowerNames) {
      if (
        lines.charCodeAt(start + name.length) === 0x3a &&
        lines.slice(start, start + name.length).toLowerCase() === name
      ) {
        kept += lines.slice(keptTo, start);
        keptTo = end;
        break;
      }
    }
    start = end;
  }
  return keptTo === 0 ? lines : kept + lines.slice(keptTo);
}
