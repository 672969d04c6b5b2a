import { createWireEngine } from '../../../../ingress/index.ts';
import { rigWith } from '../compat/rig.ts';

/** The wire engine on a Node without its own bindings within reach, as one with --permission is. */
export function rigWithoutBindings(): void {
  Object.defineProperty(process, 'binding', { value: undefined });
  rigWith(createWireEngine);
}
