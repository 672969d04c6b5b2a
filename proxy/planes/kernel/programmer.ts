import type { DataPlaneError } from '../../../controller/base/index.ts';
import type { IPFamily } from '../../../controller/objects/index.ts';
import type { ServicePort } from '../../compile/table.ts';

/** Service ports, by key, that the kernel refused, and why; what it had of them stays in force. */
export type Refusals = ReadonlyMap<string, DataPlaneError>;

/** Makes the kernel's rules of one family match Service ports. Calls must not overlap. */
export interface FamilyProgrammer {
  readonly family: IPFamily;
  /** Transactions that changed something, since the start. */
  readonly writes: number;
  /** Makes the rules be those of `ports`, whatever is there; what is right is not touched. */
  reconcile(ports: readonly ServicePort[]): Promise<Refusals>;
  /** Changes on top of the last call. @throws DataPlaneError when nothing could be applied */
  apply(upserted: readonly ServicePort[], removed: readonly string[]): Promise<Refusals>;
  /** Looks whether the rules are still there; if somebody flushed them, makes them again. */
  check(): Promise<'intact' | 'repaired'>;
  /** True if something unused waits for `sweep`. */
  readonly hasIdle: boolean;
  /** Deletes what is not used any more. */
  sweep(): Promise<void>;
  /** What `reconcile` would write into an empty kernel, as the program takes it. */
  plan(ports: readonly ServicePort[]): string;
  /** Removes everything of ours from the kernel, and nothing else. */
  remove(): Promise<void>;
}
