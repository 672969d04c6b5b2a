/** Where in an object: keys and list indexes from the top. */
export type Path = readonly (string | number)[];

/** One thing wrong with one object. */
export interface Issue {
  /** `error`: the object is refused. `warning`: it is served, but likely not as meant. */
  readonly severity: 'error' | 'warning';
  readonly kind: 'unknown-field' | 'wrong-type' | 'missing' | 'invalid';
  /** What the issue is about. For `missing`, ends in the key that is not there. */
  readonly path: Path;
  /** What is wrong, to be read after the path: `must be …`. Never holds a Secret's content. */
  readonly message: string;
  /** What to write instead. */
  readonly instead?: string;
}

/** Collects what the rules of one object find. */
export class Issues {
  readonly found: Issue[] = [];

  /** The object breaks a rule of the API. */
  invalid(path: Path, message: string, instead?: string): void {
    this.#add('error', 'invalid', path, message, instead);
  }

  /** A field is absent that this object needs. */
  missing(path: Path, message: string, instead?: string): void {
    this.#add('error', 'missing', path, message, instead);
  }

  /** Legal, but likely not as meant. */
  doubtful(path: Path, message: string, instead?: string): void {
    this.#add('warning', 'invalid', path, message, instead);
  }

  #add(
    severity: Issue['severity'],
    kind: Issue['kind'],
    path: Path,
    message: string,
    instead: string | undefined,
  ): void {
    this.found.push({
      severity,
      kind,
      path,
      message,
      ...(instead === undefined ? {} : { instead }),
    });
  }
}

/** True when one of the issues refuses the object. */
export function refuses(issues: readonly Issue[]): boolean {
  return issues.some((issue) => issue.severity === 'error');
}
