import type { Bench, BenchContext, BenchReport } from '../bench.ts';
import { killedBackend } from './killed-backend.ts';
import { killedWorker } from './killed-worker.ts';
import { rollingReplacement } from './rolling-replacement.ts';

/** Each starts from nothing, so that none inherits the state of the one before. */
const scenarios = [killedBackend, rollingReplacement, killedWorker] as const;

/** What clients notice while backends and workers come and go. */
export const bench: Bench = {
  name: 'churn',
  summary: 'requests that fail while a backend is killed, all are replaced, a worker is killed',
  cases: scenarios.map(({ name }) => name),
  run,
};

async function run(context: BenchContext): Promise<BenchReport> {
  const figures: Record<string, unknown> = {};
  const failures: string[] = [];
  const missed: string[] = [];
  for (const scenario of scenarios) {
    if (context.only.length > 0 && !context.only.includes(scenario.name)) continue;
    const outcome = await scenario.run(context);
    figures[scenario.name] = outcome.figures;
    failures.push(...outcome.failures.map((text) => `${scenario.name}: ${text}`));
    missed.push(...outcome.missed.map((text) => `${scenario.name}: ${text}`));
  }
  return { figures, failures, missed };
}
