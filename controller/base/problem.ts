import type { Position } from './errors.ts';

/** Points at an object, or at one field of it (`spec.ports[0].targetPort`). */
export interface ObjectRef {
  readonly kind: string;
  /** '' for cluster-scoped kinds. */
  readonly namespace: string;
  readonly name: string;
  readonly field?: string;
}

/**
 * Something that the user should mend and that Portolan works around meanwhile. Shown by
 * `portolan get problems`, counted in `portolan_problems`.
 */
export interface Problem {
  /** `error`: something asked for does not work. `warning`: it works, but likely not as meant. */
  readonly severity: 'error' | 'warning';
  /** Stable, CamelCase, as Event reasons are: `PortInUse`, `NoSuchService`, `InvalidField`. */
  readonly reason: string;
  /** One line: what is wrong and what is in force meanwhile. */
  readonly message: string;
  /** One line: what to write or do instead. */
  readonly instead?: string;
  readonly object?: ObjectRef;
  readonly at?: Position;
}

/**
 * Where components report problems. Level-triggered: each call states everything that is wrong
 * now with `source` (a component, a file, an object), and replaces what it stated before; an
 * empty list says all is well.
 */
export interface ProblemSink {
  replace(source: string, problems: readonly Problem[]): void;
}
