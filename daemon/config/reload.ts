import { isDeepStrictEqual } from 'node:util';
import type { Configuration, OptionName } from './configuration.ts';
import { optionNames, schema } from './schema.ts';

/** What SIGHUP found changed. */
export interface ConfigurationChange {
  /** Take these over now. */
  readonly reload: readonly OptionName[];
  /** Keep the old value and tell the user that these need a restart. */
  readonly restart: readonly OptionName[];
}

/** Sorts the settings that differ by whether they can change without a restart. */
export function compareConfigurations(
  before: Configuration,
  after: Configuration,
): ConfigurationChange {
  const changed = optionNames.filter((name) => !isDeepStrictEqual(before[name], after[name]));
  return {
    reload: changed.filter((name) => schema[name].change === 'reload'),
    restart: changed.filter((name) => schema[name].change === 'restart'),
  };
}
