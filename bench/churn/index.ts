import type { Bench, BenchContext, BenchReport } from '../bench.ts';
import { killedBackend } from './killed-backend.ts';
import { killedWorker } from './killed-worker.ts';
import { rollingReplacement } from './rolling-replacement.ts';
import { runScenarios } from './run-scenarios.ts';

/** Each starts from nothing, so that none inherits the state of the one before. */
const scenarios = [killedBackend, rollingReplacement, killedWorker] as const;

/** What clients notice while backends and workers come and go. */
export const bench: Bench = {
  name: 'churn',
  summary: 'requests that fail while a backend is killed, all are replaced, a worker is killed',
  cases: scenarios.map(({ name }) => name),
  run: async (context: BenchContext): Promise<BenchReport> =>
    await runScenarios(scenarios, context),
};
