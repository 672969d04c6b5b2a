import type { Bench, BenchContext, BenchReport } from '../bench.ts';
import { runScenarios } from '../churn/run-scenarios.ts';
import { creates } from './creates.ts';
import { killed } from './killed.ts';
import { lists } from './lists.ts';
import { memory } from './memory.ts';
import { shared } from './shared.ts';
import { watches } from './watches.ts';

const scenarios = [creates, watches, lists, memory, killed, shared] as const;

/** The embedded Kubernetes API: clients in processes of their own, over TLS, as kubectl is. */
export const bench: Bench = {
  name: 'api',
  summary:
    'creates beside etcd, watch delivery, large lists, memory, SIGKILL under requests, two on etcd',
  cases: scenarios.map(({ name }) => name),
  peers: ['etcd'],
  run: async (context: BenchContext): Promise<BenchReport> =>
    await runScenarios(scenarios, context),
};
