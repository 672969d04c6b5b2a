import type { Bench, BenchContext, BenchReport } from '../bench.ts';
import { heldStreams } from './held-streams.ts';
import { killedBackend } from './killed-backend.ts';
import { killedWorker } from './killed-worker.ts';
import { reload } from './reload.ts';
import { rollingReplacement } from './rolling-replacement.ts';
import { runScenarios } from './run-scenarios.ts';
import { slowloris } from './slowloris.ts';

/** Each starts from nothing, so that none inherits the state of the one before. */
const scenarios = [
  killedBackend,
  rollingReplacement,
  killedWorker,
  reload,
  heldStreams,
  slowloris,
] as const;

/** What clients notice while backends, workers, routes and certificates come and go. */
export const bench: Bench = {
  name: 'churn',
  summary: 'requests and streams lost to killed backends and workers, new routes and certificates',
  cases: scenarios.map(({ name }) => name),
  run: async (context: BenchContext): Promise<BenchReport> =>
    await runScenarios(scenarios, context),
};
