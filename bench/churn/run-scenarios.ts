import type { BenchContext, BenchReport, Measurement } from '../bench.ts';
import type { Scenario } from './outcome.ts';

/** Runs those that were asked for, one after the other. */
export async function runScenarios(
  scenarios: readonly Scenario[],
  context: BenchContext,
): Promise<BenchReport> {
  const figures: Record<string, unknown> = {};
  const measurements: Measurement[] = [];
  const failures: string[] = [];
  const missed: string[] = [];
  for (const scenario of scenarios) {
    if (context.only.length > 0 && !context.only.includes(scenario.name)) continue;
    const outcome = await scenario.run(context);
    figures[scenario.name] = outcome.figures;
    measurements.push(...(outcome.measurements ?? []));
    failures.push(...outcome.failures.map((text) => `${scenario.name}: ${text}`));
    missed.push(...outcome.missed.map((text) => `${scenario.name}: ${text}`));
  }
  return { figures, measurements, failures, missed };
}
