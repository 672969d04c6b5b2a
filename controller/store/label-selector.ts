import { PortolanError } from '../base/index.ts';
import * as objects from '../objects/label-selector.ts';
import { StoreError } from './store-error.ts';

export { type LabelSelector, matchesLabels } from '../objects/label-selector.ts';

/** As the API takes it. @throws StoreError `Invalid` */
export function parseLabelSelector(text: string): objects.LabelSelector {
  try {
    return objects.parseLabelSelector(text);
  } catch (error) {
    if (!(error instanceof PortolanError)) throw error;
    throw new StoreError('Invalid', error.message);
  }
}
