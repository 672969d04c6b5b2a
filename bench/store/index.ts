import type { Bench, BenchContext, BenchReport } from '../bench.ts';
import { runScenarios } from '../churn/run-scenarios.ts';
import { creates } from './creates.ts';
import { killed } from './killed.ts';
import { memory } from './memory.ts';

const scenarios = [creates, killed, memory] as const;

/** The durable store alone, without the API above it. */
export const bench: Bench = {
  name: 'store',
  summary: 'durable creates beside etcd, writes through SIGKILL, memory over 100 000 changes',
  cases: scenarios.map(({ name }) => name),
  peers: ['etcd'],
  run: async (context: BenchContext): Promise<BenchReport> =>
    await runScenarios(scenarios, context),
};
