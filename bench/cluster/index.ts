import type { Bench, BenchContext, BenchReport } from '../bench.ts';
import { runScenarios } from '../churn/run-scenarios.ts';
import { apiAway } from './api-away.ts';
import { shared } from './shared.ts';

const scenarios = [shared, apiAway] as const;

/** Daemons that share objects, or get them from a cluster. */
export const bench: Bench = {
  name: 'cluster',
  summary: 'two daemons on one etcd, its leader killed; the API of a cluster away under traffic',
  cases: scenarios.map(({ name }) => name),
  peers: ['etcd'],
  run: async (context: BenchContext): Promise<BenchReport> =>
    await runScenarios(scenarios, context),
};
