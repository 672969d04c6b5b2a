import { setTimeout as delay } from 'node:timers/promises';
import {
  type Clock,
  seededRandom,
  silentLog,
  systemClock,
} from '../../../../controller/base/index.ts';
import {
  ApiClient,
  type ClusterAccess,
  type ClusterStore,
  followCluster,
  followedKinds,
} from '../../../../controller/sources/kubernetes/index.ts';
import { Agent } from 'undici';
import type { FakeKubernetesApi } from '../../../fakes/kubernetes-api.ts';
import { MemoryMeter } from '../../../fakes/meter.ts';
import { ProblemBook } from '../../../fakes/problems.ts';

/** The machine's clock, with delays a hundred times shorter: back-off without waiting for it. */
export const hastyClock: Clock = {
  ...systemClock,
  schedule: (delayMs, callback) => systemClock.schedule(delayMs / 100, callback),
};

/** Access without a kubeconfig, as `kubectl proxy` gives it. */
export function plainAccess(server: string): ClusterAccess {
  const dispatcher = new Agent();
  return {
    server,
    namespace: undefined,
    credentials: async () => ({ headers: {}, dispatcher }),
    [Symbol.asyncDispose]: async () => await dispatcher.destroy(),
  };
}

export interface Followed extends AsyncDisposable {
  readonly store: ClusterStore;
  readonly client: ApiClient;
  readonly problems: ProblemBook;
  readonly meter: MemoryMeter;
}

/** A store that follows the fake. */
export function follow(api: FakeKubernetesApi, clock: Clock = hastyClock): Followed {
  const resources = new AsyncDisposableStack();
  const access = resources.use(plainAccess(api.url));
  const client = new ApiClient(access, 'portolan/test');
  const problems = new ProblemBook();
  const meter = new MemoryMeter();
  const random = seededRandom(1);
  const store = resources.use(
    followCluster({ client, kinds: followedKinds, clock, random, log: silentLog, meter, problems }),
  );
  return {
    store,
    client,
    problems,
    meter,
    [Symbol.asyncDispose]: async () => await resources.disposeAsync(),
  };
}

/** Looks until it holds; gives up aloud. */
export async function eventually(what: string, holds: () => boolean): Promise<void> {
  const end = performance.now() + 10_000;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`never: ${what}`);
    await delay(5);
  }
}
