import type { Measurement } from '../bench.ts';
import type { Scene } from './scene.ts';

/** What came of one case. */
export interface CaseReport {
  readonly figures: unknown;
  readonly measurements?: readonly Measurement[];
  readonly failures?: readonly string[];
  readonly missed?: readonly string[];
  readonly leftOut?: readonly string[];
}

/** One figure, or one thing that must go well under load. */
export type Case = (scene: Scene) => Promise<CaseReport>;
