import type { Configuration, OptionName, Settings } from './configuration.ts';
import type { Parsed } from './option-type.ts';
import { type Option, schema } from './schema.ts';

/** Parses `texts` as the setting `name` and, if that works, puts the value into `settings`. */
export function assign<Name extends OptionName>(
  settings: Settings,
  name: Name,
  texts: readonly string[],
): Parsed<Configuration[Name]> {
  const option: Option<Configuration[Name]> = schema[name];
  const parsed = option.type.parse(texts);
  if (parsed.kind === 'value') settings[name] = parsed.value;
  return parsed;
}
