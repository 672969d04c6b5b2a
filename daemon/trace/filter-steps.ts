import type { Route } from '../../ingress/compile/table.ts';
import { byFilterOrder } from '../../ingress/filters/order.ts';
import { withoutSecrets } from '../admin/tables.ts';
import { note, type TraceStep } from './trace.ts';

/** What a route does to its requests besides delivering them, in the order in which they pass it. */
export function filterSteps({ filters, options }: Route): readonly TraceStep[] {
  const steps = filters.toSorted(byFilterOrder).map((filter) => {
    const { kind, ...settings } = filter;
    return note('filter', kind, settingLines(settings));
  });
  return options ? [...steps, note('options', 'of this route', settingLines(options))] : steps;
}

/** `name: value` for each setting that says something. */
function settingLines(settings: object): readonly string[] {
  return Object.entries(Object(withoutSecrets(settings)))
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}: ${JSON.stringify(value)}`);
}
