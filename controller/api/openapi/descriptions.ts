import published from '../../schema/descriptions.json' with { type: 'json' };
import { ownDescriptions } from './own-descriptions.ts';

const descriptions: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  ...published,
  ...ownDescriptions,
};

/** What `kubectl explain` says of a field, or of its type where the field is ''. */
export function descriptionOf(type: string, field: string): string {
  const own = Object.hasOwn(descriptions, type) ? descriptions[type] : undefined;
  return (own !== undefined && Object.hasOwn(own, field) ? own[field] : undefined) ?? '';
}
