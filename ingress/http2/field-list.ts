import type { FieldSink } from './hpack/decoder.ts';
import type { HeaderField } from './hpack/header-field.ts';

/**
 * The fields of one header block. Beyond its bounds nothing more is kept, but the block is still
 * read to its end: the tables of both sides must stay in step.
 */
export class FieldList implements FieldSink {
  readonly fields: HeaderField[] = [];
  /** There were more, or larger ones, than anybody may send. */
  isTooLarge = false;
  readonly #maxFields: number;
  readonly #maxBytes: number;
  #bytes = 0;

  /** `maxBytes`: of names and values. */
  constructor(maxFields: number, maxBytes: number) {
    this.#maxFields = maxFields;
    this.#maxBytes = maxBytes;
  }

  clear(): void {
    this.fields.length = 0;
    this.isTooLarge = false;
    this.#bytes = 0;
  }

  field(field: HeaderField): void {
    this.#bytes += field.name.length + field.value.length;
    if (this.#bytes > this.#maxBytes || this.fields.length === this.#maxFields) {
      this.isTooLarge = true;
    } else {
      this.fields.push(field);
    }
  }
}
