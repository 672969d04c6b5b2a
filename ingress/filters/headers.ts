import type { FieldEdits } from '../http1/index.ts';
import type { FilterDefinition } from './filter.ts';

type NameAndValue = readonly [name: string, value: string];

/** Changes to the fields of a head, in this order. */
export interface HeaderChanges {
  readonly remove: readonly string[];
  /** In place of what there is. */
  readonly set: readonly NameAndValue[];
  /** Beside what there is. */
  readonly add: readonly NameAndValue[];
}

/** Changes what endpoints get. */
export const requestHeaders: FilterDefinition<'request-headers'> = {
  isAccessControl: false,
  create: (changes) => ({
    request({ edits }) {
      change(edits, changes);
      return undefined;
    },
  }),
};

/** Changes what clients get, from endpoints and from ourselves. */
export const responseHeaders: FilterDefinition<'response-headers'> = {
  isAccessControl: false,
  create: (changes) => ({
    response({ edits }) {
      change(edits, changes);
      return undefined;
    },
  }),
};

function change(edits: FieldEdits, { remove, set, add }: HeaderChanges): void {
  for (const name of remove) edits.remove(name);
  for (const [name, value] of set) edits.set(name, value);
  for (const [name, value] of add) edits.add(name, value);
}
