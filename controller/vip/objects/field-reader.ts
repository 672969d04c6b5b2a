import type { ObjectRef, Problem } from '../../base/index.ts';

/** Collects what is wrong with the fields of one object while they are read. */
export class FieldProblems {
  readonly #object: Omit<ObjectRef, 'field'>;
  readonly found: Problem[] = [];

  constructor(object: Omit<ObjectRef, 'field'>) {
    this.#object = object;
  }

  get any(): boolean {
    return this.found.length > 0;
  }

  /** Says what is wrong with a field, and what to write instead. */
  add(field: string, message: string, instead: string): void {
    this.found.push({
      severity: 'error',
      reason: 'InvalidField',
      message: `${message}; this node does not take part`,
      instead,
      object: { ...this.#object, field },
    });
  }

  /** `value` when it is a whole number in range. */
  integer(field: string, value: number, min: number, max: number): number {
    if (!Number.isInteger(value) || value < min || value > max) {
      this.add(field, `${value} is out of range`, `write a whole number from ${min} to ${max}`);
    }
    return value;
  }
}
